"""What needs a hand: failed or unknown effects, and tasks on the platforms' own pages."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability
from jspm_social.platforms.states import NEEDS_A_PERSON
from moderation.errors import Refused
from moderation.models import Action, ManualTask
from moderation.presenters import attention as show
from moderation.queries import delayed_effects, held_effects
from moderation.services import act, tasks as by_hand
from moderation.services.notice import untold
from moderation.states import OPEN_TASKS
from moderation.views.access import action_for, task_for
from policy.rules.hits import open_alarms, rule_name

SHOWN = 100
MAIL_TAKES = timedelta(minutes=2)  # a care notice that is not out by then went wrong


@require_safe
@require(Capability.READ_COMMENTS)
def attention(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show what needs a hand, oldest first, and say so where it is more than is shown."""
    comment = "case__comment__channel"
    troubled = Action.objects.filter(state__in=NEEDS_A_PERSON).select_related(comment)
    held = held_effects().select_related(comment)
    waiting = ManualTask.objects.filter(state__in=OPEN_TASKS).select_related(
        f"decision__{comment}", "claimed_by"
    )
    troubles = [
        *map(show.trouble, troubled.order_by("pk")[: SHOWN + 1]),
        *map(show.held, held.order_by("pk")[: SHOWN + 1]),
    ]
    tasks = [
        show.task(row, mine=row.claimed_by_id == request.user.pk)
        for row in waiting.order_by("pk")[: SHOWN + 1]
    ]
    delayed = delayed_effects(timezone.now()).select_related(comment)
    context = {
        "delayed": [show.delayed(row) for row in delayed[:SHOWN]],
        "troubles": troubles[:SHOWN],
        "tasks": tasks[:SHOWN],
        "shown": SHOWN if max(len(troubles), len(tasks)) > SHOWN else 0,
        "untold": untold().filter(opened_at__lt=timezone.now() - MAIL_TAKES).exists(),
        "alarms": [
            {"name": rule_name(alarm.rule), "day": alarm.day, "hits": alarm.hits}
            for alarm in open_alarms()[:SHOWN]
        ],
        "can_act": request.user.can(Capability.DECIDE),
    }
    return render(request, "moderation/attention.html", context)


@require_POST
@require(Capability.DECIDE)
def action(request: AuthenticatedHttpRequest, pk: int, verb: str) -> HttpResponse:
    """Settle a failed or unknown effect by hand."""
    row, note = action_for(pk), request.POST.get("note", "").strip()
    verbs: dict[str, Callable[[User], None]] = {
        "again": lambda actor: act.send_again(actor=actor, action=row),
        "done": lambda actor: act.mark_done(actor=actor, action=row),
        "give-up": lambda actor: act.give_up(actor=actor, action=row, note=note),
    }
    return _run(request, verbs.get(verb))


@require_POST
@require(Capability.DECIDE)
def task(request: AuthenticatedHttpRequest, pk: int, verb: str) -> HttpResponse:
    """Claim, release, take over or close a manual task."""
    row, note = task_for(pk), request.POST.get("note", "").strip()
    verbs: dict[str, Callable[[User], None]] = {
        "claim": lambda actor: by_hand.claim(actor=actor, task=row),
        "release": lambda actor: by_hand.release(actor=actor, task=row),
        "take-over": lambda actor: _take_over(actor, row),
        "done": lambda actor: by_hand.close(actor=actor, task=row, done=True, note=note),
        "not-possible": lambda actor: by_hand.close(actor=actor, task=row, done=False, note=note),
    }
    return _run(request, verbs.get(verb))


def _take_over(actor: User, row: ManualTask) -> None:
    """The person who claimed it may be away: both steps stand in the record."""
    by_hand.release(actor=actor, task=row)
    by_hand.claim(actor=actor, task=row)


def _run(request: AuthenticatedHttpRequest, verb: Callable[[User], None] | None) -> HttpResponse:
    if verb is None:
        raise Http404
    try:
        verb(request.user)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "記録しました。")
    return redirect("moderation:attention")

"""One case: read it, decide it, take the decision back, confirm it as the second person."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.approvals.queries import can_vote
from jspm_social.committee.catalogue import UNDO_SECONDS
from jspm_social.committee.queries import number
from jspm_social.platforms.capabilities import Outcome
from moderation.errors import Refused
from moderation.forms import DecisionForm
from moderation.models import Case, Decision
from moderation.presenters import case as show, events
from moderation.presenters.alteration import side_by_side
from moderation.presenters.comments import post_of
from moderation.presenters.holds import about_hold
from moderation.presenters.remote import said_outside
from moderation.queries import neighbours
from moderation.services import decide as deciding, second
from moderation.states import CaseState, Lane
from moderation.views.access import case_for, decision_for
from moderation.views.listing import Listing
from moderation.views.undo import undo_context
from policy.criteria import Criterion


@require_safe
@require(Capability.READ_COMMENTS)
def case(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Show everything a person needs to decide, and the form to do so."""
    return _page(request, case_for(pk))


@require_safe
@require(Capability.READ_COMMENTS)
def status(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Tell what has happened to the case since the page was loaded."""
    row = case_for(pk)
    seen = request.GET.get("revision", "")
    return render(request, "moderation/_case_status.html", _status(request, row, seen))


@require_POST
@require(Capability.DECIDE)
def decide(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Record a decision; what was typed comes back with the reason when it is refused."""
    row = case_for(pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, error=form.first_error())
    try:
        deciding.decide(
            actor=request.user,
            case=row,
            revision_id=form.cleaned_data["revision"],
            outcome=Outcome(form.cleaned_data["outcome"]),
            criteria=[Criterion(code) for code in form.cleaned_data["criteria"]],
            note=form.cleaned_data["note"],
        )
    except Refused as error:
        return _page(request, case_for(pk), form=form, error=str(error))
    listing = Listing.of(request.GET)
    following = neighbours(row, listing.tags)[1] if "next" in request.POST else None
    return redirect(listing.case_url(following) if following else listing.queue_url())


@require_POST
@require(Capability.DECIDE)
def undo(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Take a decision back within its window."""
    decision = decision_for(pk)
    try:
        deciding.undo(actor=request.user, decision=decision)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "判断を取り消しました。案件は未対応に戻りました。")
    return redirect("moderation:case", decision.case_id)


@require_POST
@require(Capability.CONFIRM_DECISION)
def confirm(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Answer as the second moderator."""
    decision = decision_for(pk)
    agree = request.POST.get("agree") == "yes"
    note = request.POST.get("note", "")
    try:
        second.confirm(actor=request.user, decision=decision, agree=agree, note=note)
    except Refused as error:
        return _page(request, case_for(decision.case_id), error=str(error), note=note)
    messages.success(
        request,
        "同意を記録しました。対応を送ります。" if agree else "同意しないことを記録しました。",
    )
    return redirect("moderation:second")


def _page(
    request: AuthenticatedHttpRequest,
    row: Case,
    *,
    form: DecisionForm | None = None,
    error: str = "",
    note: str = "",
) -> HttpResponse:
    listing = Listing.of(request.GET)
    before, after = neighbours(row, listing.tags)
    context: dict[str, Any] = {
        "case": row,
        "comment": show.case_comment(row),
        "name_segments": show.name_segments(row),
        "signals": row.signals,
        "problems": row.problems,
        "notices": _notices(row),
        "reasons": show.reasons(row),
        "judged_by": show.judged_by(row.judgement),
        "remote": said_outside(row),
        "post": post_of(row.comment),
        "altered": side_by_side(row),
        "thread": show.thread(row.comment),
        "commenter": show.commenter(row.comment),
        "events": events.of_cases([row], row.comment),
        "queue_url": listing.queue_url(),
        "previous_url": listing.case_url(before) if before else "",
        "next_url": listing.case_url(after) if after else "",
        "error": error,
        "undo": undo_context(request.user),
        **_decision_context(request, row, form, note),
        "decide_url": reverse("moderation:decide", args=[row.pk]) + listing.query,
    }
    if row.state == CaseState.OPEN:
        context["status_url"] = _status_url(row, context["revision"])
    return render(request, "moderation/case.html", context, status=409 if error else 200)


def _decision_context(
    request: AuthenticatedHttpRequest, row: Case, form: DecisionForm | None, note: str
) -> dict[str, Any]:
    decision = (
        row.decisions.select_related(
            "actor", "policy_version", "approval", "case__comment__channel"
        )
        .order_by("-decided_at")
        .first()
    )
    typed = form.data if form is not None else {}
    can_confirm = _can_confirm(request, row, decision)
    return {
        "can_decide": request.user.can(Capability.DECIDE),
        "can_confirm": can_confirm,
        "refusal": "" if can_confirm else _why_not(request, row, decision),
        "revision": _shown_revision(row),
        "outcomes": show.outcomes(row, typed.get("outcome", "")),
        "criteria": _criteria(row, form),
        "note": typed.get("note", note),
        "note_required": row.lane == Lane.CARE,
        "undo_seconds": number(UNDO_SECONDS),
        "decision": show.decision_summary(decision) if decision else None,
        "confirm_url": reverse("moderation:confirm", args=[decision.pk]) if decision else "",
        "final_effects": show.final_effects(decision) if decision else [],
        "confirm_until": decision.approval.expires_at if decision and decision.approval else None,
        "reopen_url": reverse("moderation:reconsider", args=[row.comment_id])
        if row.state == CaseState.CLOSED and request.user.can(Capability.DECIDE)
        else "",
    }


def _criteria(row: Case, form: DecisionForm | None) -> list[dict[str, Any]]:
    """Return the grounds to choose from; none for a chat, from which nothing can be removed."""
    if row.comment.is_chat:
        return []
    return show.criteria(row, form.data.getlist("criteria") if form else None)  # type: ignore[attr-defined]  # QueryDict


def _can_confirm(request: AuthenticatedHttpRequest, row: Case, decision: Decision | None) -> bool:
    return (
        row.state == CaseState.AWAITING_SECOND
        and decision is not None
        and decision.approval is not None
        and request.user.can(Capability.CONFIRM_DECISION)
        and can_vote(decision.approval, request.user)
    )


def _why_not(request: AuthenticatedHttpRequest, row: Case, decision: Decision | None) -> str:
    if row.state != CaseState.AWAITING_SECOND or decision is None:
        return ""
    if decision.actor_id == request.user.pk:
        return "ご自身の判断です。ほかのモデレーターの確認をお待ちください。"
    return "モデレーターの役割を持つ、ほかの方が確認します。"


def _shown_revision(row: Case) -> int | None:
    return (
        row.comment.revisions.filter(number=row.comment.revision_number)
        .values_list("pk", flat=True)
        .first()
    )


def _notices(row: Case) -> list[dict[str, str]]:
    notices = about_hold(row) + show.about_chat(row.comment) + show.about_version(row)
    notices += [
        {
            "tone": "info",
            "icon": "flag",
            "title": f"{flag.by.display_name}さんが知らせました",
            "text": flag.note or "（メモなし）",
        }
        for flag in row.flags.select_related("by").order_by("at")
    ]
    if row.comment.revision_number > 1:
        notices.append(
            {
                "tone": "info",
                "title": "編集されたコメントです",
                "text": "記録のページで前の版も読めます。",
            }
        )
    return notices


def _status(request: AuthenticatedHttpRequest, row: Case, seen: str) -> dict[str, Any]:
    """Return what changed: somebody decided, or the comment is not what was shown."""
    context: dict[str, Any] = {"status_url": _status_url(row, seen)}
    if row.comment.erasure and "erased" not in request.GET:
        context |= {"changed": f"{row.comment.get_erasure_display()}。", "status_url": ""}
    revision = _shown_revision(row)
    if seen and seen != str(revision):
        context |= {"changed": "コメントが編集されました。", "status_url": ""}
    if row.state != CaseState.OPEN:
        context["status_url"] = ""
        decision = row.decisions.select_related("actor").order_by("-decided_at").first()
        if decision is not None and decision.actor_id != request.user.pk:
            context["overtaken"] = {
                "by": decision.actor.display_name,
                "at": decision.decided_at,
                "text": show.decided(decision),
                "url": reverse("moderation:case", args=[row.pk]),
            }
    return context


def _status_url(row: Case, revision: object) -> str:
    seen = {"revision": revision} | ({"erased": "1"} if row.comment.erasure else {})
    query = urlencode(seen)
    return f"{reverse('moderation:case_status', args=[row.pk])}?{query}"

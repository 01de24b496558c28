"""The register of actions besides posting (§5)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability, Role
from jspm_social.approvals.queries import can_vote, open_seats
from jspm_social.platforms.states import NEEDS_A_PERSON, OperationState
from posts.errors import Refused
from posts.forms import ActionForm
from posts.models import ActionOperation, RegisteredAction
from posts.presenters.page import plain
from posts.register_content import STATED
from posts.register_rules import LABELS, RULES, Kind
from posts.services import engage, register
from posts.states import ActionState

AT_ONCE = 200
ON_ITS_WAY = frozenset({OperationState.WAITING, OperationState.SENDING})
TONES = {
    ActionState.PROPOSED: "info",
    ActionState.AGREED: "warn",
    ActionState.DONE: "good",
    ActionState.DROPPED: "neutral",
}


@require_safe
@require(Capability.READ_POSTS)
def index(request: AuthenticatedHttpRequest) -> HttpResponse:
    rows = RegisteredAction.objects.select_related("channel", "proposed_by")[:AT_ONCE]
    context = {
        "rows": [{"row": row, "tone": TONES[ActionState(row.state)]} for row in rows],
        "due": register.due_for_review().select_related("channel"),
        "can_propose": request.user.can(Capability.DRAFT_POSTS),
    }
    return render(request, "posts/register.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.DRAFT_POSTS)
def propose(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = ActionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        stated = dict(form.cleaned_data)
        kind, channel = Kind(stated.pop("kind")), stated.pop("channel")
        try:
            made = register.propose(actor=request.user, kind=kind, channel=channel, stated=stated)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "提案しました。ほかの委員の同意を待ちます。")
            return redirect("posts:action", made.pk)
    context = {"form": form, "rules": [_rule(kind) for kind in Kind]}
    return render(request, "posts/propose.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.READ_POSTS)
def action(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    if request.method == "POST" and not request.user.can(Capability.DRAFT_POSTS):
        raise PermissionDenied
    rows = RegisteredAction.objects.select_related(
        "channel", "proposed_by", "done_by", "on_duty", "approval"
    )
    row = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        try:
            _carry_out(request, row)
        except Refused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "記録しました。")
        return redirect("posts:action", pk)
    return render(request, "posts/action.html", _context(request, row))


def _carry_out(request: AuthenticatedHttpRequest, row: RegisteredAction) -> None:
    actor, typed = request.user, request.POST
    note = typed.get("note", "")[:2_000]
    match typed.get("verb"):
        case "agree" | "refuse":
            agree = typed["verb"] == "agree"
            register.answer(actor=actor, action=row, agree=agree, note=note)
        case "done":
            register.carry_out(actor=actor, action=row, outcome=note)
        case "drop":
            register.drop(actor=actor, action=row)
        case "reviewed":
            register.review_again(actor=actor, action=row)
        case _:
            raise Refused("どうするかを選んでください。")


def _context(request: AuthenticatedHttpRequest, row: RegisteredAction) -> dict[str, Any]:
    drafts = request.user.can(Capability.DRAFT_POSTS)
    asked = row.approval if row.state == ActionState.PROPOSED else None
    names = [name for name in STATED if getattr(row, name)]
    operation = ActionOperation.objects.filter(action=row).first()
    would_answer = row.state == ActionState.AGREED and engage.would_answer(row)
    on_its_way = operation is not None and operation.state in ON_ITS_WAY
    return {
        "row": row,
        "tone": TONES[ActionState(row.state)],
        "rule": _rule(Kind(row.kind)),
        "stated": [{"term": LABELS[name], "value": _shown(row, name)} for name in names],
        "missing": [Role(role).label for role in open_seats(asked)] if asked else [],
        "can_answer": drafts and asked is not None and can_vote(asked, request.user),
        "can_do": drafts
        and row.state == ActionState.AGREED
        and not on_its_way
        and not would_answer,
        "would_answer": would_answer,
        "by_api": row.state == ActionState.PROPOSED and engage.by_api(Kind(row.kind), row.channel),
        "on_its_way": on_its_way,
        "trouble": plain(operation.trouble)
        if operation and operation.state in NEEDS_A_PERSON
        else "",
        "can_drop": drafts and row.state in {ActionState.AGREED, ActionState.DONE},
        "can_review": drafts and row.review_on is not None and row.state == ActionState.DONE,
        "is_link": row.target_url.startswith("https://"),
    }


def _rule(kind: Kind) -> dict[str, Any]:
    rule = RULES[kind]
    return {
        "label": kind.label,
        "clause": rule.clause,
        "needs": [LABELS[name] for name in rule.needs],
        "note": rule.note,
        "slots": [f"{Role(role).label}{count}人" for role, count in rule.slots.items()],
    }


def _shown(row: RegisteredAction, name: str) -> Any:
    return row.get_relation_display() if name == "relation" else getattr(row, name)

"""Errors in what was published: the committee's pages, and the list for everybody (§7)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.approvals.queries import can_vote
from posts.errors import Refused
from posts.models import Correction, Post
from posts.queries import public_corrections
from posts.services import corrections
from posts.states import CorrectionState

AT_ONCE = 200


@require_safe
@require(Capability.READ_POSTS)
def index(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Every report of an error, those under way first."""
    rows = Correction.objects.select_related("post", "told_by")
    open_first = sorted(rows[:AT_ONCE], key=lambda row: row.state == CorrectionState.CLOSED)
    return render(request, "posts/corrections.html", {"rows": open_first})


@require_safe
@require(Capability.READ_POSTS)
def show(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    rows = Correction.objects.select_related(
        "post", "told_by", "checked_by", "decided_by", "approval", "answer"
    )
    row = get_object_or_404(rows, pk=pk)
    drafts = request.user.can(Capability.DRAFT_POSTS)
    waiting = row.approval is not None and row.state == CorrectionState.DECIDED
    context = {
        "row": row,
        "can_check": drafts and row.state == CorrectionState.REPORTED,
        "can_decide": drafts and row.state == CorrectionState.CHECKED,
        "can_answer": waiting and row.approval is not None and can_vote(row.approval, request.user),
        "decisions": Correction.Decision.choices,
        "deliveries": row.deliveries.select_related("channel"),
    }
    return render(request, "posts/correction.html", context)


@require_POST
@require(Capability.REVIEW_POSTS)
def report(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Report an error in a published post."""
    post = get_object_or_404(Post, pk=pk)
    told = request.POST.get("told", "")[:2_000]
    try:
        made = corrections.report(actor=request.user, post=post, told=told)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("posts:post", pk)
    messages.success(request, "誤りの報告を記録しました。投稿を書いた人とは別の人が確認します。")
    return redirect("posts:correction", made.pk)


@require_POST
@require(Capability.DRAFT_POSTS)
def check(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    finding = request.POST.get("finding", "")[:2_000]
    return _verb(request, pk, corrections.check, finding=finding)


@require_POST
@require(Capability.DRAFT_POSTS)
def decide(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    chosen = request.POST.get("decision", "")
    if chosen not in Correction.Decision.values:
        messages.error(request, "どう対応するかを選んでください。")
        return redirect("posts:correction", pk)
    decision = Correction.Decision(chosen)
    note = request.POST.get("public_note", "")[:2_000]
    return _verb(request, pk, corrections.decide, decision=decision, public_note=note)


@require_POST
@require(Capability.REVIEW_POSTS)
def answer(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    agree = request.POST.get("verb") == "agree"
    note = request.POST.get("note", "")[:2_000]
    return _verb(request, pk, corrections.answer, agree=agree, note=note)


@require_safe
def public(request: HttpRequest) -> HttpResponse:
    """What was corrected or taken down, for everybody. No log-in, no cookie, no tracker."""
    response = render(request, "public/corrections.html", {"rows": public_corrections()})
    response["Cache-Control"] = "public, max-age=300"
    return response


def _verb(
    request: AuthenticatedHttpRequest, pk: int, verb: Callable[..., None], **more: Any
) -> HttpResponse:
    row = get_object_or_404(Correction.objects.select_related("post"), pk=pk)
    try:
        verb(actor=request.user, correction=row, **more)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "記録しました。")
    return redirect("posts:correction", pk)

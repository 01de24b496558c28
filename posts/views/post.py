"""One post's page, and every verb that its buttons stand for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.approvals.states import Choice
from jspm_social.diff import compare
from posts.errors import Refused
from posts.forms import (
    FactsForm,
    NoteForm,
    ReasonForm,
    RemarkForm,
    SubmitForm,
    SuggestionForm,
    UrgentForm,
)
from posts.models import Post
from posts.presenters import page, urgent
from posts.presenters.findings import findings
from posts.presenters.preview import previews
from posts.presenters.tallies import tallies
from posts.queries import channels_of, files_of, payloads_of
from posts.services import checking, drafting, gate, review
from posts.services.fitness import unfit
from posts.states import PostState

USUAL_WINDOW = timedelta(days=14)
USUAL_ANSWER = timedelta(days=3)
ASKED = "承認を依頼しました。承認できる方にメールでお知らせします。"
ASKED_URGENTLY = "緊急として承認を依頼しました。全員にメールでお知らせします。"
ANSWERED = {
    "approve": "承認しました。",
    "send_back": "差し戻しました。",
    "recuse": "辞退しました。",
}


@require_safe
@require(Capability.READ_POSTS)
def show(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    return page_of(request, _post(pk))


def page_of(
    request: AuthenticatedHttpRequest, post: Post, *, status: int = 200, **forms: Any
) -> HttpResponse:
    """Render a post's page; a form that was refused comes back as it was typed."""
    person, now = request.user, timezone.now()
    payloads = payloads_of(post)
    submission = gate.current(post)
    may = page.steps(post, person)
    context = {
        "post": post,
        "tone": page.TONES[PostState(post.state)],
        "may": may,
        "previews": previews(post, payloads, channels_of(post), files_of(post), now),
        "unfit": unfit(post, payloads, now) if may["submit"] else [],
        "findings": findings(
            checking.check(post, payloads, now, judged=True), may_pass=may["pass"]
        ),
        "approval": page.approval(submission, person),
        "deliveries": page.deliveries(post, person),
        "tallies": tallies(post),
        "remarks": page.remarks(post),
        "suggestions": page.suggestions(post, person),
        "history": page.history(post),
        "submit_form": SubmitForm(initial=_usual_times(post)),
        "urgent_form": UrgentForm(),
        "lane": urgent.latest_of(post),
        "answer_form": NoteForm(),
        "facts_form": FactsForm(initial=FactsForm.initial_of(post)),
        "old_facts": page.old_facts(post),
        "links": post.review_links.filter(expires_at__gt=now),
        "remark_form": RemarkForm(),
        "suggestion_form": SuggestionForm(),
        **forms,
    }
    return render(request, "posts/post.html", context, status=status)


@require_safe
@require(Capability.READ_POSTS)
def revision(request: AuthenticatedHttpRequest, pk: int, number: int) -> HttpResponse:
    """Show what one revision changed against the one before it."""
    post = _post(pk)
    this = get_object_or_404(post.revisions.select_related("author"), number=number)
    before = post.revisions.filter(number__lt=number).order_by("-number").first()
    context = {
        "post": post,
        "revision": this,
        "before": before,
        "pieces": compare(before.draft.body if before else "", this.draft.body),
        "others": [
            {
                "channel": str(channel),
                "pieces": compare(
                    before.draft.text_for(key) if before and key in before.draft.channels else "",
                    this.draft.text_for(key),
                ),
            }
            for key, channel in channels_of(post).items()
            if key in this.draft.channels and this.draft.channels[key].text is not None
        ],
    }
    return render(request, "posts/revision.html", context)


@require_POST
@require(Capability.DRAFT_POSTS)
def submit(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    post = _post(pk)
    form = SubmitForm(request.POST)
    is_urgent = request.POST.get("lane") == "urgent"
    because = UrgentForm(request.POST if is_urgent else None)
    if not form.is_valid() or (is_urgent and not because.is_valid()):
        return page_of(request, post, submit_form=form, urgent_form=because, status=422)
    typed = form.cleaned_data
    try:
        review.submit(
            actor=request.user,
            post=post,
            not_before=typed["not_before"],
            not_after=typed["not_after"],
            base_version=typed["version"],
            answer_by=typed["answer_by"],
            urgent_because=because.cleaned_data["urgent_because"] if is_urgent else None,
        )
    except Refused as error:
        form.add_error(None, str(error))
        return page_of(request, post, submit_form=form, urgent_form=because, status=409)
    messages.success(request, ASKED_URGENTLY if is_urgent else ASKED)
    return redirect("posts:post", pk)


@require_POST
@require(Capability.DRAFT_POSTS)
def relate(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Say which event, sources and sponsor a post has, and until when it is embargoed."""
    post = _post(pk)
    form = FactsForm(request.POST)
    if not form.is_valid():
        return page_of(request, post, facts_form=form, status=422)
    version = form.cleaned_data["version"]
    try:
        drafting.relate(
            actor=request.user, post=post, facts=form.cleaned_data, base_version=version
        )
    except Refused as error:
        form.add_error(None, str(error))
        return page_of(request, _post(pk), facts_form=form, status=409)
    messages.success(request, "関連情報を保存しました。")
    return redirect("posts:post", pk)


@require_POST
@require(Capability.REVIEW_POSTS)
def override(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Let one blocking finding pass, as somebody who did not write the post."""
    mark, reason = request.POST.get("mark", ""), request.POST.get("reason", "")[:500]
    return _verb(request, pk, checking.override, "許可しました。", mark=mark, reason=reason)


@require_POST
@require(Capability.REVIEW_POSTS)
def answer(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Approve, send back, or step aside; bound to the hash that the page showed."""
    post = _post(pk)
    form = NoteForm(request.POST)
    verb = request.POST.get("verb", "")
    if not form.is_valid() or verb not in ANSWERED:
        return page_of(request, post, answer_form=form, status=422)
    note, seen = form.cleaned_data["note"], request.POST.get("seen", "")
    try:
        if verb == "recuse":
            review.recuse(actor=request.user, post=post, reason=note)
        else:
            choice = Choice.APPROVE if verb == "approve" else Choice.REJECT
            review.answer(actor=request.user, post=post, seen_hash=seen, choice=choice, note=note)
    except Refused as error:
        form.add_error(None, str(error))
        return page_of(request, _post(pk), answer_form=form, status=409)
    messages.success(request, ANSWERED[verb])
    return redirect("posts:post", pk)


@require_POST
@require(Capability.DRAFT_POSTS)
def take_back(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    return _verb(request, pk, review.take_back, "承認の依頼を取り下げました。")


@require_POST
@require(Capability.DRAFT_POSTS)
def take_up(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    return _verb(request, pk, drafting.take_up, "下書きに戻しました。")


@require_POST
@require(Capability.DRAFT_POSTS)
def drop(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, "取りやめる理由を書いてください。")
        return redirect("posts:post", pk)
    reason = form.cleaned_data["reason"]
    return _verb(request, pk, drafting.drop, "取りやめにしました。", reason=reason)


def _verb(
    request: AuthenticatedHttpRequest,
    pk: int,
    verb: Callable[..., Any],
    done: str,
    **more: Any,
) -> HttpResponse:
    try:
        verb(actor=request.user, post=_post(pk), **more)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("posts:post", pk)


def _post(pk: int) -> Post:
    rows: QuerySet[Post] = Post.objects.select_related(
        "created_by", "edited_by", "in_charge", "event", "corrects"
    )
    return get_object_or_404(rows, pk=pk)


def _usual_times(post: Post) -> dict[str, Any]:
    now = timezone.localtime().replace(second=0, microsecond=0)
    return {
        "version": post.version,
        "not_before": now,
        "not_after": now + USUAL_WINDOW,
        "answer_by": now + USUAL_ANSWER,
    }

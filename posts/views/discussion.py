"""Remarks and suggestions on a draft."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability
from posts.errors import Refused
from posts.forms import RemarkForm, SuggestionForm
from posts.models import DraftComment, Post, Suggestion
from posts.services import discuss
from posts.views.post import page_of


@require_POST
@require(Capability.REVIEW_POSTS)
def remark(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    post = get_object_or_404(Post, pk=pk)
    form = RemarkForm(request.POST)
    if not form.is_valid():
        return page_of(request, post, remark_form=form, status=422)
    text, quote = form.cleaned_data["text"], form.cleaned_data["quote"]
    start = post.draft.body.find(quote) if quote else -1
    discuss.remark(
        actor=request.user,
        post=post,
        text=text,
        quote=quote,
        start=start if start >= 0 else None,
        mentions=mentioned(text),
    )
    return redirect("posts:post", pk)


@require_POST
@require(Capability.REVIEW_POSTS)
def resolve(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    said = get_object_or_404(DraftComment, pk=pk)
    try:
        discuss.resolve(actor=request.user, remark=said)
    except Refused as error:
        messages.info(request, str(error))
    return redirect("posts:post", said.post_id)


@require_POST
@require(Capability.REVIEW_POSTS)
def suggest(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    post = get_object_or_404(Post, pk=pk)
    form = SuggestionForm(request.POST)
    if not form.is_valid():
        return page_of(request, post, suggestion_form=form, status=422)
    typed = form.cleaned_data
    try:
        discuss.suggest(
            actor=request.user,
            post=post,
            old=typed["old"],
            start=max(0, post.draft.body.find(typed["old"])),
            new=typed["new"],
            note=typed["note"],
        )
    except Refused as error:
        form.add_error("old", str(error))
        return page_of(request, post, suggestion_form=form, status=409)
    messages.success(request, "修正を提案しました。")
    return redirect("posts:post", pk)


@require_POST
@require(Capability.DRAFT_POSTS)
def settle(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Take a suggestion over, or leave it."""
    suggestion = get_object_or_404(Suggestion, pk=pk)
    try:
        if request.POST.get("verb") == "accept":
            discuss.accept(actor=request.user, suggestion=suggestion)
            messages.success(request, "提案を採用しました。")
        else:
            discuss.decline(actor=request.user, suggestion=suggestion)
    except Refused as error:
        messages.error(request, str(error))
    return redirect("posts:post", suggestion.post_id)


def mentioned(text: str) -> list[User]:
    """The people whose name stands in the text after an @."""
    people = User.objects.filter(is_active=True)
    return [p for p in people if f"@{p.display_name}" in text or f"@{p.username}" in text]

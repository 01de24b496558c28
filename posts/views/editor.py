"""Writing a draft: the page, saving, and what autosave answers while somebody types."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.diff import compare
from posts.errors import Overtaken, Refused
from posts.forms import DraftForm
from posts.models import MediaFile, Post
from posts.presenters.findings import findings
from posts.presenters.preview import previews
from posts.queries import channels_of, files_of, payloads_of, postable_channels
from posts.services import checking, drafting
from posts.states import EDITABLE


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.DRAFT_POSTS)
def edit(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Show the draft for writing; save it as a revision."""
    post = get_object_or_404(Post, pk=pk)
    if request.method != "POST":
        if post.state not in EDITABLE:
            messages.info(request, f"「{post.get_state_display()}」の投稿は編集できません。")
            return redirect("posts:post", pk)
        initial = DraftForm.initial_of(post)
        form = DraftForm(channels=postable_channels(), initial=initial)
        return _editor(request, post, form)
    form = DraftForm(request.POST, channels=postable_channels())
    if not form.is_valid():
        return _editor(request, post, form, status=422)
    try:
        _save(request, post, form, cut=True)
    except Overtaken as error:
        return _conflict(request, pk, form, str(error))
    except Refused as error:
        return _editor(request, post, form, error=str(error), status=409)
    messages.success(request, "保存しました。")
    return redirect("posts:post", pk)


@require_POST
@require(Capability.DRAFT_POSTS)
def autosave(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Keep what is typed, and answer with how it will look and what is wrong with it."""
    post = get_object_or_404(Post, pk=pk)
    form = DraftForm(request.POST, channels=postable_channels())
    if not form.is_valid():
        told = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return _live(request, post, error=f"まだ保存していません。{told}")
    try:
        post = _save(request, post, form, cut=False)
    except Refused as error:
        return _live(request, post, error=f"保存していません。{error}", status=409)
    return _live(request, post, saved=True)


def _save(request: AuthenticatedHttpRequest, post: Post, form: DraftForm, *, cut: bool) -> Post:
    return drafting.save(
        actor=request.user,
        post=post,
        content=form.content(),
        base_version=form.cleaned_data["version"],
        cut=cut,
        title=form.cleaned_data["title"],
    )


def _conflict(
    request: AuthenticatedHttpRequest, pk: int, form: DraftForm, error: str
) -> HttpResponse:
    """Somebody saved first: show what they wrote beside what was typed, and lose neither."""
    theirs = Post.objects.select_related("edited_by").get(pk=pk)
    data = request.POST.copy()
    data["version"] = str(theirs.version)  # saving again is now a decision of the person
    again = DraftForm(data, channels=postable_channels())
    again.is_valid()
    typed = form.content().body
    context = {
        "theirs": theirs,
        "their_body": theirs.draft.body,
        "pieces": compare(theirs.draft.body, typed),
    }
    return _editor(request, theirs, again, error=error, status=409, **context)


def _editor(
    request: AuthenticatedHttpRequest,
    post: Post,
    form: DraftForm,
    *,
    error: str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "post": post,
        "form": form,
        "error": error,
        "media": MediaFile.objects.all()[:60],
        **_looks(post),
        **more,
    }
    return render(request, "posts/edit.html", context, status=status)


def _live(
    request: AuthenticatedHttpRequest,
    post: Post,
    *,
    error: str = "",
    saved: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "post": post,
        "error": error,
        "saved_at": timezone.now() if saved else None,
        "oob": saved,
        **_looks(post),
    }
    return render(request, "posts/_live.html", context, status=status)


def _looks(post: Post) -> dict[str, Any]:
    """How it looks everywhere, and what the quick checks found."""
    now, payloads = timezone.now(), payloads_of(post)
    return {
        "previews": previews(post, payloads, channels_of(post), files_of(post), now),
        "findings": findings(checking.check(post, payloads, now)),
    }

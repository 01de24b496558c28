"""Reading a draft without an account, and templates."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from posts.content import Content
from posts.errors import Refused
from posts.models import Post, PostTemplate, ReviewLink
from posts.presenters.preview import previews
from posts.queries import channels_of, files_of, payloads_of
from posts.services import drafting, extras


@require_POST
@require(Capability.DRAFT_POSTS)
def make_link(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    post = get_object_or_404(Post, pk=pk)
    label = request.POST.get("label", "")[:120]
    try:
        made = extras.make_link(actor=request.user, post=post, label=label)
    except Refused as error:
        messages.error(request, str(error))
    else:
        address = request.build_absolute_uri(reverse("posts:look", args=[made.token]))
        messages.success(request, f"7日間、閲覧だけできるリンクです：{address}")
    return redirect("posts:post", pk)


@require_POST
@require(Capability.DRAFT_POSTS)
def revoke_link(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    link = get_object_or_404(ReviewLink.objects.select_related("post"), pk=pk)
    extras.revoke_link(actor=request.user, link=link)
    messages.success(request, "リンクを無効にしました。")
    return redirect("posts:post", link.post_id)


@require_safe
def look(request: HttpRequest, token: str) -> HttpResponse:
    """Show a draft to whoever holds the link. No log-in, no name, nothing to press."""
    post = extras.post_of_link(token)
    if post is None:
        raise Http404
    looks = previews(post, payloads_of(post), channels_of(post), files_of(post), timezone.now())
    response = render(request, "public/look.html", {"post": post, "previews": looks})
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@require(Capability.DRAFT_POSTS)
def keep_template(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    post = get_object_or_404(Post, pk=pk)
    try:
        extras.keep_template(actor=request.user, post=post, name=request.POST.get("name", "")[:120])
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "ひな形として保存しました。")
    return redirect("posts:post", pk)


@require_POST
@require(Capability.DRAFT_POSTS)
def use_template(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Begin a draft from a template."""
    kept = get_object_or_404(PostTemplate, pk=pk)
    post = drafting.begin(
        actor=request.user,
        title=kept.name,
        purpose=Post.Purpose(kept.purpose),
        kind=Post.Kind(kept.kind),
        content=Content.from_json(kept.content),
    )
    return redirect("posts:edit", post.pk)

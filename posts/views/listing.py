"""The lists of posts, and beginning a new one."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from posts.forms import BeginForm
from posts.models import Post, PostTemplate
from posts.presenters.rows import post_row, trouble_row
from posts.presenters.urgent import banner
from posts.queries import in_trouble, listed, open_natives, urgent_now, waiting_for
from posts.services import drafting
from posts.states import PostState

PAGE = 30
TABS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("", "進行中", (PostState.DRAFT, PostState.CHANGES, PostState.REVIEW, PostState.APPROVED)),
    (PostState.SCHEDULED, "予約済み", (PostState.SCHEDULED,)),
    (PostState.SENT, "公開済み", (PostState.SENT,)),
    (PostState.DROPPED, "取りやめ", (PostState.DROPPED,)),
)


@require_safe
@require(Capability.READ_POSTS)
def index(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show one list of posts; what waits for this person's approval stands first."""
    chosen = request.GET.get("state", "")
    states = {name: wanted for name, _, wanted in TABS}.get(chosen, TABS[0][2])
    page = Paginator(listed(states), PAGE).get_page(request.GET.get("page"))
    waiting = waiting_for(request.user)
    context = {
        "tabs": _tabs(chosen),
        "waiting": [
            {"url": reverse("posts:post", args=[post.pk]), "title": post.title} for post in waiting
        ],
        "troubles": [trouble_row(row) for row in in_trouble()[:20]],
        "natives": open_natives(),
        "urgent": [banner(lane) for lane in urgent_now()[:20]],
        "rows": [post_row(post) for post in page],
        "previous_url": _page_url(chosen, page.number - 1) if page.has_previous() else "",
        "next_url": _page_url(chosen, page.number + 1) if page.has_next() else "",
        "can_draft": request.user.can(Capability.DRAFT_POSTS),
        "can_manage": request.user.can(Capability.MANAGE_POSTING),
    }
    return render(request, "posts/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.DRAFT_POSTS)
def begin(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Begin a draft; the text is written on its own page."""
    form = BeginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        post = drafting.begin(
            actor=request.user,
            title=form.cleaned_data["title"],
            purpose=Post.Purpose(form.cleaned_data["purpose"]),
            kind=Post.Kind(form.cleaned_data["kind"]),
        )
        return redirect("posts:edit", post.pk)
    context = {"form": form, "templates": PostTemplate.objects.all()}
    return render(request, "posts/begin.html", context, status=422 if form.errors else 200)


@require_http_methods(["POST"])
@require(Capability.DRAFT_POSTS)
def duplicate(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Begin a draft with another post's content."""
    post = get_object_or_404(Post, pk=pk)
    made = drafting.begin(
        actor=request.user,
        title=f"{post.title}（複製）"[:120],
        purpose=Post.Purpose(post.purpose),
        kind=Post.Kind(post.kind),
        content=post.draft,
    )
    messages.success(request, "複製しました。日付や数字を必ず見直してください。")
    return redirect("posts:edit", made.pk)


def _tabs(chosen: str) -> list[dict[str, Any]]:
    return [
        {
            "url": f"{reverse('posts:index')}?state={name}" if name else reverse("posts:index"),
            "label": label,
            "current": name == chosen,
            "count": "",
        }
        for name, label, _ in TABS
    ]


def _page_url(chosen: str, number: int) -> str:
    return f"{reverse('posts:index')}?state={chosen}&page={number}"

"""Posts that the console did not publish: the list, and what a person says of each (§3(1))."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability
from posts.errors import Refused
from posts.forms import NativeForm
from posts.models import NativePost, Post
from posts.queries import natives, older_than_connection
from posts.services import native_answers
from posts.states import NATIVE_MOVES, NativeState

PAGE = 30
DONE = {
    "link": "本学会の投稿と記録しました。",
    "note": "確認した内容を記録しました。",
    "report": "誤りの報告を記録しました。投稿を書いた人とは別の人が確認します。",
}


@require_safe
@require(Capability.READ_POSTS)
def index(request: AuthenticatedHttpRequest) -> HttpResponse:
    """List them, those to be looked at first."""
    page = Paginator(natives(), PAGE).get_page(request.GET.get("page"))
    address = reverse("posts:natives")
    context = {
        "rows": [_shown(row) for row in page],
        "older": older_than_connection(),
        "previous_url": f"{address}?page={page.number - 1}" if page.has_previous() else "",
        "next_url": f"{address}?page={page.number + 1}" if page.has_next() else "",
    }
    return render(request, "posts/natives.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.READ_POSTS)
def show(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Show one, and record what it is."""
    if request.method == "POST" and not request.user.can(Capability.REVIEW_POSTS):
        raise PermissionDenied
    row = get_object_or_404(natives(), pk=pk)
    form = NativeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        verb = request.POST.get("verb", "")
        if form.is_valid() and _settled(request, row, verb, form):
            messages.success(request, DONE[verb])
            return redirect("posts:native", pk)
        status = 422
    may = request.user.can(Capability.REVIEW_POSTS)
    context = {
        **_shown(row),
        "row": row,
        "form": form,
        "can_settle": may and row.state == NativeState.OPEN,
        "can_report": may and NativeState.REPORTED in NATIVE_MOVES[row.state],
    }
    return render(request, "posts/native.html", context, status=status)


def _settled(
    request: AuthenticatedHttpRequest, row: NativePost, verb: str, form: NativeForm
) -> bool:
    """Carry the verb out; what is refused is said beside what was typed."""
    typed = form.cleaned_data
    try:
        _answer(request.user, row, verb, typed["post"], typed["words"])
    except Refused as error:
        form.add_error(None, str(error))
        return False
    return True


def _answer(actor: User, row: NativePost, verb: str, post: Post | None, words: str) -> None:
    match verb:
        case "link":
            native_answers.link(actor=actor, native=row, post=post, reason=words)
        case "note":
            native_answers.note(actor=actor, native=row, reason=words)
        case "report":
            native_answers.report(actor=actor, native=row, post=post, told=words)
        case _:
            raise Refused("どうするかを選んでください。")


def _shown(row: NativePost) -> dict[str, Any]:
    remote = row.remote
    return {
        "url": reverse("posts:native", args=[row.pk]),
        "channel": str(remote.channel),
        "text": remote.text,
        "posted_at": remote.posted_at,
        "permalink": remote.permalink if remote.permalink.startswith("https://") else "",
        "state": row.get_state_display(),
        "tone": "warn" if row.state == NativeState.OPEN else "neutral",
        "settled_by": row.settled_by,
        "settled_at": row.settled_at,
    }

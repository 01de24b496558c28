"""All comments, those that passed too: search, read, and ask for a second look."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from moderation.errors import Refused
from moderation.forms import CommentFilter, NoteForm
from moderation.models import Comment
from moderation.presenters import events
from moderation.presenters.comments import card, post_of, words_of
from moderation.presenters.text import found
from moderation.search import contains, search_comments
from moderation.services import second_look
from moderation.states import ACTIVE_CASES
from moderation.views.access import comment_for, instant

SIZE = 20
LONGEST_PK = 18  # digits


@require_safe
@require(Capability.READ_COMMENTS)
def comments(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Search all comments, newest first."""
    form = CommentFilter(request.GET)
    valid = form.is_valid()
    query = form.cleaned_data if valid else {}
    text = query.get("q", "")
    rows = _page(query, _after(request)) if valid else []
    shown, more = rows[:SIZE], len(rows) > SIZE
    context = {
        "form": form,
        "clear_url": reverse("moderation:comments") if any(query.values()) else "",
        "comments": [card(c, pieces=found(c.text, text)) for c in shown],
        "searched": bool(text) or not valid,
        "previous_url": "",
        "next_url": _next(request, shown[-1]) if more else "",
    }
    return render(request, "moderation/comments.html", context)


def _search(query: dict[str, Any], after: tuple[datetime, int] | None) -> list[Comment]:
    channel = query.get("channel")
    return search_comments(
        text=query.get("q", ""),
        channel=channel.pk if channel else None,
        post=query.get("post"),
        standing=query.get("standing", ""),
        route=query.get("route", ""),
        after=after,
        size=SIZE + 1,
    )


def _after(request: AuthenticatedHttpRequest) -> tuple[datetime, int] | None:
    """Read where the page before ended; None for the first page, and for anything odd."""
    moment, _, pk = request.GET.get("after", "").partition("_")
    posted_at = instant(moment)
    if posted_at is None or not pk.isdecimal() or len(pk) > LONGEST_PK:
        return None
    return posted_at, int(pk)


def _page(query: dict[str, Any], after: tuple[datetime, int] | None) -> list[Comment]:
    """Return the first comments that really contain the words, one more than a page shows."""
    text, page = query.get("q", ""), list[Comment]()
    while len(page) <= SIZE:
        found = _search(query, after)
        page += [row for row in found if not text or contains(row, text)]
        if len(found) <= SIZE:
            break
        after = found[-1].posted_at, found[-1].pk
    return page[: SIZE + 1]


def _next(request: AuthenticatedHttpRequest, last: Comment) -> str:
    query = request.GET.copy()
    query["after"] = f"{last.posted_at.isoformat()}_{last.pk}"
    return f"{request.path}?{query.urlencode()}"


@require_safe
@require(Capability.READ_COMMENTS)
def comment(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Show the record of one comment."""
    return _record(request, comment_for(pk))


def _record(
    request: AuthenticatedHttpRequest, row: Comment, flag_form: NoteForm | None = None
) -> HttpResponse:
    cases = list(row.cases.order_by("-opened_at", "-pk"))
    active = next((case for case in cases if case.state in ACTIVE_CASES), None)
    context = {
        "comment": card(row, own_page=False),
        "facts": _facts(row),
        "post": post_of(row),
        "revisions": [
            {
                "number": revision.number,
                "at": revision.observed_at,
                "text": words_of(row) if row.erasure else revision.text,
                "current": revision.number == row.revision_number,
            }
            for revision in row.revisions.defer("raw").order_by("number")
        ],
        "cases": [
            {
                "url": reverse("moderation:case", args=[case.pk]),
                "label": f"案件 {case.pk}",
                "state_label": case.get_state_display(),
                "tone": "neutral",
                "at": case.opened_at,
            }
            for case in cases
        ],
        "events": events.of_cases(cases, row),
        "can_flag": request.user.can(Capability.FLAG_COMMENT),
        "flag_form": flag_form,
        "flag_url": reverse("moderation:flag", args=[row.pk]),
        "open_case_url": reverse("moderation:case", args=[active.pk]) if active else "",
    }
    status = 409 if flag_form is not None else 200
    return render(request, "moderation/comment.html", context, status=status)


def _facts(row: Comment) -> list[dict[str, Any]]:
    return [
        {"term": "表示状態", "value": row.get_standing_display()},
        {"term": "判定", "value": row.get_route_display() or "判定待ち"},
        {"term": "アカウント", "value": str(row.channel)},
        {"term": "投稿者", "value": str(row.commenter)},
    ]


@require_POST
@require(Capability.FLAG_COMMENT)
def flag(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Ask for a second look."""
    row, form = comment_for(pk), NoteForm(request.POST)
    if form.is_valid():
        try:
            second_look.flag(actor=request.user, comment=row, note=form.cleaned_data["note"])
        except Refused as error:
            form.add_error(None, str(error))
    if not form.is_valid():
        return _record(request, row, form)
    messages.success(request, "モデレーターに知らせました。ありがとうございます。")
    return redirect("moderation:comment", pk)


@require_POST
@require(Capability.DECIDE)
def reconsider(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Open a new case to decide anew."""
    row = comment_for(pk)
    try:
        case = second_look.reconsider(actor=request.user, comment=row)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("moderation:comment", pk)
    return redirect("moderation:case", case.pk)

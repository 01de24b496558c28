"""言い換え辞書: the word lists of the checks, edited by the committee."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from posts import dictionary, dictionary_csv
from posts.checks.entries import Entry, shipped
from posts.checks.lexicon import BadLexicon
from posts.dictionary import Listed
from posts.dictionary_csv import BadFile, Row
from posts.dictionary_forms import EntryForm, ImportForm, SearchForm, WhyForm
from posts.errors import Overtaken, Refused
from posts.models import DictionaryChange, Post
from posts.presenters import dictionary as shown
from posts.services import dictionary as service
from posts.states import EntryState

PAGE = 40
SAVED = "保存しました。次の点検から使われます。"


@require_safe
@require(Capability.READ_POSTS)
def index(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show every entry, or those that a search names."""
    form = SearchForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = _chosen(dictionary.searched(dictionary.listed(), wanted.get("q", "")), wanted)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    kept = {name: value for name, value in wanted.items() if value}
    context = {
        "form": form,
        "clear_url": reverse("posts:dictionary") if kept else "",
        "count": len(found),
        "rows": [shown.row(one) for one in page],
        "previous_url": _page(kept, page.number - 1) if page.has_previous() else "",
        "next_url": _page(kept, page.number + 1) if page.has_next() else "",
        "position": f"{page.number} / {page.paginator.num_pages}",
        "can_edit": request.user.can(Capability.MANAGE_POSTING),
    }
    return render(request, "posts/dictionary.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_POSTING)
def add(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Add an entry."""
    form = EntryForm(request.POST or None, initial={"words": request.GET.get("words", "")})
    return _edit(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.READ_POSTS)
def entry(request: AuthenticatedHttpRequest, key: str) -> HttpResponse:
    """One entry: what it says, its history, where it is found, and for some a form."""
    may_edit = request.user.can(Capability.MANAGE_POSTING)
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    one = _found(key)
    if not may_edit:
        return render(request, "posts/dictionary_entry.html", _story(one))
    form = EntryForm(request.POST or None, initial=EntryForm.initial_of(one.entry, one.version))
    return _edit(request, form, one)


@require_POST
@require(Capability.MANAGE_POSTING)
def retire(request: AuthenticatedHttpRequest, key: str) -> HttpResponse:
    """Stop using an entry."""
    return _move(request, key, service.retire, "この言葉の使用をやめました。")


@require_POST
@require(Capability.MANAGE_POSTING)
def restore(request: AuthenticatedHttpRequest, key: str) -> HttpResponse:
    """Use a retired entry again."""
    return _move(request, key, service.restore, "もとに戻しました。")


@require_POST
@require(Capability.READ_POSTS)
def export(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The whole dictionary as CSV. The audit trail tells who took it out."""
    found = dictionary.listed()
    service.record_export(actor=request.user, count=len(found))
    name = f"jspm-dictionary-{timezone.localdate():%Y%m%d}.csv"
    response = HttpResponse("".join(dictionary_csv.lines(found)), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_POSTING)
def take_in(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Compare a CSV file with the dictionary, line by line; then take it in as a whole."""
    form = ImportForm(request.POST or None, request.FILES or None)
    rows: list[Row] = []
    if request.method == "POST" and form.is_valid():
        rows = _compared(form)
        if request.POST.get("do") == "save" and not form.errors and not _bad(rows):
            try:
                taken = _store(request, rows, form.cleaned_data["why"])
            except Refused as error:
                form.add_error("why" if not form.cleaned_data["why"] else None, str(error))
            else:
                messages.success(
                    request, f"{taken.added}件を加え、{taken.changed}件を変更しました。"
                )
                return redirect("posts:dictionary")
    context = {
        "form": form,
        "table": form.cleaned_data.get("table", "") if form.is_bound else "",
        "bad": _bad(rows),
        "added": [row for row in rows if not row.same and not row.trouble and not row.key],
        "changed": [row for row in rows if not row.same and not row.trouble and row.key],
        "same": sum(row.same for row in rows),
        "compared": bool(rows),
    }
    wrong = bool(form.errors) or bool(context["bad"])
    return render(request, "posts/dictionary_import.html", context, status=422 if wrong else 200)


def _edit(request: AuthenticatedHttpRequest, form: EntryForm, one: Listed | None) -> HttpResponse:
    context: dict[str, Any] = _story(one) if one else {}
    if request.method == "POST" and form.is_valid():
        try:
            typed = service.usable(form.entry())
            if request.POST.get("do") == "try":
                context |= _tried(one, typed, form.cleaned_data["sample"])
            else:
                return _saved(request, form, one, typed)
        except Overtaken as error:
            form.add_error(None, str(error))
            one = dictionary.find(one.key) if one else None
            context = _story(one) if one else {}
            form.now_seen(one.version if one else 0)
        except (Refused, BadLexicon) as error:
            missing = request.POST.get("do") != "try" and not form.cleaned_data["why"].strip()
            form.add_error("why" if missing else None, str(error))
    context |= {"form": form, "can_edit": True, "why_form": _why_form(one)}
    status = 422 if form.errors else 200
    return render(request, "posts/dictionary_entry.html", context, status=status)


def _saved(
    request: AuthenticatedHttpRequest, form: EntryForm, one: Listed | None, typed: Entry
) -> HttpResponse:
    row = service.save(
        actor=request.user,
        key=one.key if one else "",
        seen=form.cleaned_data["seen"],
        entry=typed,
        why=form.cleaned_data["why"],
    )
    messages.success(request, SAVED)
    return redirect("posts:dictionary_entry", row.key)


def _tried(one: Listed | None, typed: Entry, sample: str) -> dict[str, Any]:
    changed = dictionary.with_entry(one.key if one else "", typed)
    return {
        "tried": shown.tried(sample, changed, timezone.localdate()) if sample.strip() else None,
        "found_in": _found_in(typed),
        "has_tried": True,
    }


def _story(one: Listed) -> dict[str, Any]:
    rows = DictionaryChange.objects.filter(entry__key=one.key).select_related("by")
    return {
        "one": one,
        "row": shown.row(one),
        "history": shown.history(list(rows), shipped().get(one.key)),
        "found_in": _found_in(one.entry),
    }


def _found_in(entry: Entry) -> list[dict[str, Any]]:
    latest = Post.objects.order_by("-edited_at", "-pk")[: shown.LOOKS_AT]
    return shown.posts_with(entry, dictionary.compiled_alone(entry), latest)


def _why_form(one: Listed | None) -> WhyForm | None:
    return WhyForm(initial={"seen": one.version}, auto_id="move_%s") if one else None


def _move(request: AuthenticatedHttpRequest, key: str, verb: Any, told: str) -> HttpResponse:
    one = _found(key)
    form = WhyForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"理由を{service.LONGEST_WHY}文字までで書いてください。")
        return redirect("posts:dictionary_entry", one.key)
    try:
        verb(actor=request.user, key=key, **form.cleaned_data)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, told)
    return redirect("posts:dictionary_entry", one.key)


def _compared(form: ImportForm) -> list[Row]:
    try:
        return [
            _judged(row)
            for row in dictionary_csv.read(form.cleaned_data["table"], dictionary.listed())
        ]
    except BadFile as error:
        form.add_error(None, str(error))
        return []


def _judged(row: Row) -> Row:
    """A line with the right form may still hold an entry that cannot work."""
    if row.entry is None or row.same:
        return row
    try:
        service.usable(row.entry)
    except Refused as error:
        return Row(row.number, trouble=str(error))
    return row


def _store(request: AuthenticatedHttpRequest, rows: list[Row], why: str) -> service.Taken:
    entries = [(row.key, row.version, row.entry) for row in rows if row.entry and not row.same]
    return service.take_in(actor=request.user, entries=entries, why=why)


def _bad(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.trouble]


def _chosen(found: list[Listed], wanted: dict[str, str]) -> list[Listed]:
    check, state = wanted.get("check", ""), wanted.get("state", "")
    keep = EntryState.RETIRED if state == "retired" else EntryState.IN_USE
    return [
        one
        for one in found
        if (not check or one.entry.check == check)
        and (one.version > 0 if state == "own" else one.state == keep)
    ]


def _found(key: str) -> Listed:
    one = dictionary.find(key)
    if one is None:
        raise Http404
    return one


def _page(kept: dict[str, str], number: int) -> str:
    return f"{reverse('posts:dictionary')}?{urlencode({**kept, 'page': number})}"

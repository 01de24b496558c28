"""Reading the help, searching it, the whole of it on paper, whom to call, and the tour."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require, signed_in
from jspm_social.accounts.roles import Capability, capabilities

from . import queries, services
from .forms import ContactsForm, SearchForm
from .search import excerpt, matches, words_of
from .topics import TOPICS, Topic, grouped, readable
from .tour import steps_for


@require_safe
@signed_in
def index(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Every topic that this person may read; with `q`, those in which the words stand."""
    form = SearchForm(request.GET)
    wanted = form.cleaned_data["q"].strip() if form.is_valid() else ""
    topics = readable(request.user)
    context = {
        "form": form,
        "wanted": wanted,
        "found": _found(topics, wanted) if wanted else [],
        "groups": list(grouped(topics)),
        "may_write_contacts": request.user.can(Capability.MANAGE_PEOPLE),
        "has_tour": bool(steps_for(capabilities(request.user.roles))),
    }
    return render(request, "help/index.html", context)


@require_safe
@signed_in
def topic(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """One topic. A topic for others is refused, one that does not exist is not found."""
    found = TOPICS.get(slug)
    if found is None:
        raise Http404
    if not found.may_read(request.user):
        raise PermissionDenied(slug)
    others = [other for other in readable(request.user) if other.group == found.group]
    may_write = found.slug == "emergency" and request.user.can(Capability.MANAGE_PEOPLE)
    context = {"topic": found, "body": found.render(), "others": others, "may_write": may_write}
    return render(request, "help/topic.html", context)


@require_safe
@signed_in
def book(request: AuthenticatedHttpRequest) -> HttpResponse:
    """All topics of this person on one page, to be printed."""
    chapters = [{"topic": one, "body": one.render()} for one in readable(request.user)]
    return render(request, "help/book.html", {"chapters": chapters})


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_PEOPLE)
def contacts(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Write whom to call. What somebody else wrote meanwhile is shown, never overwritten."""
    note = queries.contacts()
    initial = {"text": note.text if note else "", "seen": note.pk if note else 0}
    form = ContactsForm(request.POST if request.method == "POST" else None, initial=initial)
    context: dict[str, Any] = {"form": form, "note": note}
    if not form.is_valid():
        return render(request, "help/contacts.html", context, status=422 if form.errors else 200)
    text, seen = form.cleaned_data["text"], form.cleaned_data["seen"] or 0
    try:
        services.write_contacts(actor=request.user, text=text, seen=seen)
    except services.Overtaken:
        theirs = queries.contacts()
        context["theirs"] = theirs
        context["form"] = ContactsForm({"text": text, "seen": theirs.pk if theirs else 0})
        return render(request, "help/contacts.html", context, status=409)
    messages.success(request, "緊急時の連絡先を保存しました。")
    return redirect("help:topic", "emergency")


@require_POST
@signed_in
def tour(request: AuthenticatedHttpRequest) -> HttpResponse:
    """End the tour and stay on the page, or begin it anew on the page of its first step."""
    steps = steps_for(capabilities(request.user.roles))
    if request.POST.get("verb") == "begin" and steps:
        services.begin_tour(person=request.user)
        return redirect(steps[0].page)
    services.end_tour(person=request.user)
    pages = {step.page for step in steps}
    page = request.POST.get("page", "")
    return redirect(page if page in pages else "help:index")


def _found(topics: list[Topic], wanted: str) -> list[dict[str, Any]]:
    pages = [(one, f"{one.title} {one.about} {words_of(one.render())}") for one in topics]
    return [
        {"topic": one, "excerpt": excerpt(text, wanted.split())}
        for one, text in pages
        if matches(text, wanted)
    ]

"""What posts are made of: media, events, sources. Lists, and a form each."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from posts.errors import Refused
from posts.library_forms import EventForm, RightsForm, SourceForm, UploadForm
from posts.models import Event, EventChange, MediaFile, SourceCard
from posts.queries import quoting_old_facts
from posts.services import facts, library

AT_ONCE = 200


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.DRAFT_POSTS)
def media(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The library of pictures and films, and taking a new one in."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        rights = {k: v for k, v in form.cleaned_data.items() if k != "upload"}
        upload = form.cleaned_data["upload"]
        try:
            file = library.take_in(actor=request.user, upload=upload, rights=rights)
        except Refused as error:
            form.add_error("upload", str(error))
        else:
            messages.success(request, f"「{file}」を登録しました。")
            return redirect("posts:library")
    today = timezone.localdate()
    context = {
        "files": [_file(file, today) for file in MediaFile.objects.all()[:AT_ONCE]],
        "form": form,
    }
    return render(request, "posts/library.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.DRAFT_POSTS)
def rights(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Change whose a file is and what it shows."""
    file = get_object_or_404(MediaFile, pk=pk)
    form = RightsForm(request.POST or None, instance=file, initial={"platforms": file.platforms})
    if request.method == "POST" and form.is_valid():
        stored = MediaFile.objects.get(pk=pk)
        library.change_rights(actor=request.user, file=stored, rights=form.cleaned_data)
        messages.success(request, "保存しました。")
        return redirect("posts:library")
    context = {"file": file, "form": form, "heading": str(file), "back": "posts:library"}
    return render(request, "posts/rights.html", context, status=422 if form.errors else 200)


@require_safe
@require(Capability.READ_POSTS)
def show_file(_: AuthenticatedHttpRequest, pk: int) -> FileResponse:
    """The file itself, for people of the console."""
    file = get_object_or_404(MediaFile, pk=pk)
    response = FileResponse(file.file.open("rb"), content_type=file.mime)
    response["Cache-Control"] = "private, max-age=86400"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.DRAFT_POSTS)
def events(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = EventForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts.add_event(actor=request.user, facts=form.cleaned_data)
        messages.success(request, "イベントを登録しました。")
        return redirect("posts:events")
    context = {"events": Event.objects.all()[:AT_ONCE], "form": form}
    return render(request, "posts/events.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.DRAFT_POSTS)
def event(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """One event: its facts, what changed, and the posts that still say it as it was."""
    found = get_object_or_404(Event, pk=pk)
    form = EventForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        stored = Event.objects.get(pk=pk)
        changed = facts.change_event(actor=request.user, event=stored, facts=form.cleaned_data)
        told = "保存しました。" if changed else "変更はありませんでした。"
        messages.success(request, told)
        return redirect("posts:event", pk)
    context = {
        "event": found,
        "form": form,
        "changes": [_change(row) for row in found.changes.select_related("by")[:50]],
        "flagged": quoting_old_facts(found),
    }
    return render(request, "posts/event.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.DRAFT_POSTS)
def sources(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = SourceForm(request.POST or None, initial={"read_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        facts.add_source(actor=request.user, facts=form.cleaned_data)
        messages.success(request, "出典を登録しました。")
        return redirect("posts:sources")
    rows = SourceCard.objects.select_related("read_by")[:AT_ONCE]
    context = {"sources": rows, "form": form}
    return render(request, "posts/sources.html", context, status=422 if form.errors else 200)


def _file(file: MediaFile, today: date) -> dict[str, Any]:
    expired = file.expires_on is not None and file.expires_on < today
    missing = [
        told
        for lacks, told in (
            (not file.alt.strip(), "代替テキストなし"),
            (not file.holder.strip() or not file.licence.strip(), "権利の登録なし"),
            (file.consent == MediaFile.Consent.MISSING, "同意が未確認"),
            (expired, "利用期限切れ"),
        )
        if lacks
    ]
    return {"file": file, "missing": missing, "is_image": file.kind == MediaFile.Kind.IMAGE}


def _change(row: EventChange) -> dict[str, Any]:
    return {
        "label": EventForm().fields[row.field].label,
        "old": row.old,
        "new": row.new,
        "by": row.by.display_name,
        "at": row.at,
    }

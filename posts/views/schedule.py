"""Choosing the time, calling back, and what a person does about a delivery."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.platforms.models import Channel
from posts.errors import Refused
from posts.forms import MomentField, ScheduleForm
from posts.models import Delivery, Post, Submission
from posts.services import by_hand, gate, planning, scheduling
from posts.states import PostState


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.DRAFT_POSTS)
def schedule(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Choose when an approved post goes out on each channel; 「いますぐ」 is a time, too."""
    post = get_object_or_404(Post, pk=pk)
    submission = gate.current(post)
    if submission is None or post.state != PostState.APPROVED:
        messages.info(request, "承認された投稿だけを予約できます。")
        return redirect("posts:post", pk)
    channels = Channel.objects.filter(pk__in=[int(key) for key in submission.payloads])
    at = max(timezone.now(), submission.not_before)
    usual = min(_next_hour(at), submission.not_after)
    form = ScheduleForm(request.POST or None, channels=channels, at=timezone.localtime(usual))
    warned: list[str] = []
    if request.method == "POST":
        times = _times(request, form)
        if times and not (warned := _warnings(request, submission, times)):
            try:
                scheduling.schedule(actor=request.user, post=post, times=times)
            except Refused as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, "予約しました。公開が終わるまで内容は変えられません。")
                return redirect("posts:post", pk)
    context = {
        "post": post,
        "submission": submission,
        "form": form,
        "channels": list(channels),
        "warnings": warned,
        "verb": request.POST.get("verb", ""),
    }
    status = 409 if form.errors or warned else 200
    return render(request, "posts/schedule.html", context, status=status)


@require_POST
@require(Capability.DRAFT_POSTS)
def unschedule(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    post = get_object_or_404(Post, pk=pk)
    reason = request.POST.get("reason", "")[:500]
    try:
        scheduling.unschedule(actor=request.user, post=post, reason=reason)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "まだ公開されていない分の予約を取り消しました。")
    return redirect("posts:post", pk)


@require_POST
@require(Capability.DRAFT_POSTS)
def delivery(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Move a delivery, or say what a person found out about it."""
    row = get_object_or_404(Delivery.objects.select_related("post", "submission"), pk=pk)
    try:
        done = _carry_out(request, row)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("posts:post", row.post_id)


def _times(request: AuthenticatedHttpRequest, form: ScheduleForm) -> dict[int, datetime]:
    """Return a time per channel: now, or what was typed; {} when that cannot be read."""
    if request.POST.get("verb") == "now":
        return dict.fromkeys((channel.pk for channel in form.channel_rows), timezone.now())
    return form.times() if form.is_valid() else {}


def _warnings(
    request: AuthenticatedHttpRequest, submission: Submission, times: dict[int, datetime]
) -> list[str]:
    """Return what speaks against the plan, unless the person has read it and goes on."""
    if request.POST.get("anyway"):
        return []
    channels = Channel.objects.in_bulk(times)
    texts = {pk: submission.payloads[str(pk)]["text"] for pk in times}
    return planning.all_warnings(channels, times, texts)


def _carry_out(request: AuthenticatedHttpRequest, row: Delivery) -> str:
    actor, typed = request.user, request.POST
    match typed.get("verb"):
        case "move":
            scheduling.move_to(actor=actor, delivery=row, at=_moment(typed.get("at", "")))
            return "予定日時を変えました。"
        case "again":
            by_hand.send_again(actor=actor, delivery=row, at=_moment(typed.get("at", "")))
            return "もう一度送ります。"
        case "published":
            link = typed.get("permalink", "").strip()
            by_hand.mark_published(actor=actor, delivery=row, permalink=link)
            return "公開済みと記録しました。"
        case "give_up":
            by_hand.give_up(actor=actor, delivery=row, note=typed.get("note", "")[:500])
            return "この投稿先への公開を取りやめました。"
        case _:
            raise Refused("どうするかを選んでください。")


def _moment(typed: Any) -> datetime:
    """Read a time as the browser sends it; an empty one is now."""
    field = MomentField(required=False)
    try:
        return field.clean(typed) or timezone.now()
    except ValidationError as error:
        raise Refused("日時を正しく入力してください。") from error


def _next_hour(at: datetime) -> datetime:
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(hours=1)

"""Posts that take, or took, the emergency fast lane: what everybody is shown of them."""

from typing import Any

from django.urls import reverse

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability
from jspm_social.approvals.queries import approvers
from posts.models import FastLane, Post
from posts.services.urgent import involved, is_over


def latest_of(post: Post) -> dict[str, Any] | None:
    """The post's own latest use of the fast lane."""
    rows = FastLane.objects.filter(submission__post=post)
    lane = rows.select_related(
        "marked_by", "reviewed_by", "submission__approval", "submission__post"
    ).last()
    return banner(lane) | _headline(lane) if lane else None


def _headline(lane: FastLane) -> dict[str, str]:
    if lane.reviewed_by:
        told = f"緊急として扱いました（{lane.reviewed_by}が事後に確認済み）"
        return {"headline": told, "tone": "info"}
    if is_over(lane):
        return {"headline": "緊急として扱いました。事後の確認を待っています", "tone": "bad"}
    told = "緊急として扱っています。委員長と委員1人の承認で公開できます"
    return {"headline": told, "tone": "bad"}


def banner(lane: FastLane) -> dict[str, Any]:
    """One line for the index."""
    return {
        "url": reverse("posts:post", args=[lane.submission.post_id]),
        "title": lane.submission.post.title,
        "state": lane.submission.post.get_state_display(),
        "reason": lane.reason,
        "by": lane.marked_by.display_name,
        "at": lane.marked_at,
    }


def use(lane: FastLane, person: User) -> dict[str, Any]:
    """One entry of the list of all uses."""
    given = User.objects.in_bulk(approvers(lane.submission.approval))
    reviewed = lane.reviewed_by
    may = reviewed is None and person.can(Capability.REVIEW_POSTS)
    return banner(lane) | {
        "pk": lane.pk,
        "approval": lane.submission.approval.get_state_display(),
        "given": [who.display_name for who in given.values()],
        "reviewed_by": reviewed.display_name if reviewed else "",
        "reviewed_at": lane.reviewed_at,
        "finding": lane.finding,
        "may_review": may and person.pk not in involved(lane) and is_over(lane),
        "waits_for": "" if reviewed else _waits_for(lane),
    }


def _waits_for(lane: FastLane) -> str:
    if not is_over(lane):
        return "公開のあとで、関わっていない人が確認します。"
    return "関わっていない人の確認を待っています。"

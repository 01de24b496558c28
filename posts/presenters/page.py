"""One post's page: where it stands, what comes next, and everything that was said about it."""

from typing import Any

from django.urls import reverse

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability, Role
from jspm_social.approvals.errors import OnLeave
from jspm_social.approvals.queries import approvers, can_vote, open_seats
from jspm_social.approvals.states import Choice
from jspm_social.platforms.states import NEEDS_A_PERSON, OperationState
from policy.queries import outdated
from posts.models import Delivery, Post, Submission, Suggestion
from posts.queries import quoting_old_facts, sent_again
from posts.states import EDITABLE, POST_MOVES, PostState, SuggestionState

TONES = {
    PostState.DRAFT: "neutral",
    PostState.REVIEW: "info",
    PostState.CHANGES: "warn",
    PostState.APPROVED: "good",
    PostState.SCHEDULED: "info",
    PostState.SENT: "good",
    PostState.DROPPED: "neutral",
}
DELIVERY_TONES = {
    OperationState.WAITING: "info",
    OperationState.SENDING: "info",
    OperationState.DONE: "good",
    OperationState.UNKNOWN: "warn",
    OperationState.FAILED: "bad",
    OperationState.CANCELLED: "neutral",
}
NOT_YET_OUT = frozenset({PostState.REVIEW, PostState.APPROVED, PostState.SCHEDULED})
WHY_NOT = {
    "contributor": "この下書きの作成に関わったため、承認には加われません。",
    "leave": OnLeave.message,
    "role": "この承認に必要な役割をお持ちではありません。",
}


def steps(post: Post, person: User) -> dict[str, bool]:
    """What this person may do with the post now. The services decide; this shows the buttons."""
    drafts = person.can(Capability.DRAFT_POSTS)
    moves = POST_MOVES[post.state]
    return {
        "edit": drafts and post.state in EDITABLE,
        "submit": drafts and PostState.REVIEW in moves,
        "take_back": drafts and post.state == PostState.REVIEW,
        "schedule": drafts and post.state == PostState.APPROVED,
        "unschedule": drafts and post.state == PostState.SCHEDULED,
        "drop": drafts and PostState.DROPPED in moves,
        "take_up": drafts and post.state == PostState.DROPPED,
        "discuss": person.can(Capability.REVIEW_POSTS),
        "pass": person.can(Capability.REVIEW_POSTS)
        and post.state in EDITABLE
        and not post.contributions.filter(person=person).exists(),
        "report": person.can(Capability.REVIEW_POSTS)
        and post.state in {PostState.SENT, PostState.SCHEDULED},
    }


def approval(submission: Submission | None, person: User) -> dict[str, Any] | None:
    """The approval under way or given: who approved, who is missing, may this person answer."""
    if submission is None:
        return None
    request = submission.approval
    given = approvers(request)
    people = User.objects.in_bulk([*given, *request.contributors])
    may = person.can(Capability.REVIEW_POSTS) and can_vote(request, person)
    return {
        "state": request.get_state_display(),
        "open": request.state == "open",
        "given": [people[pk].display_name for pk in given],
        "missing": [Role(role).label for role in open_seats(request)],
        "contributors": [people[pk].display_name for pk in request.contributors if pk in people],
        "expires_at": request.expires_at,
        "not_before": submission.not_before,
        "not_after": submission.not_after,
        "hash": submission.content_hash,
        "policy": submission.policy_version.number,
        "outdated": outdated(submission.policy_version)
        if submission.post.state in NOT_YET_OUT
        else "",
        "may": may,
        "why_not": "" if may else _why_not(submission, person),
        "answers": [
            {
                "name": vote.voter.display_name,
                "choice": vote.get_choice_display(),
                "good": vote.choice == Choice.APPROVE,
                "note": vote.note,
                "at": vote.at,
            }
            for vote in request.votes.select_related("voter").order_by("at")
        ],
    }


def _why_not(submission: Submission, person: User) -> str:
    request = submission.approval
    if person.pk in request.contributors:
        return WHY_NOT["contributor"]
    if request.votes.filter(voter=person).exists():
        return "回答済みです。"
    if request.recusals.filter(person=person).exists():
        return "辞退されています。"
    return WHY_NOT["leave" if person.is_away() else "role"]


def deliveries(post: Post, person: User) -> list[dict[str, Any]]:
    """How the post fares on each channel, the newest plan first."""
    rows = list(post.deliveries.select_related("channel", "submission").order_by("-pk"))
    again = sent_again([row.pk for row in rows if _untouched(row) and row.state in NEEDS_A_PERSON])
    return [_delivery(row, person, again=row.pk in again) for row in rows]


def _untouched(row: Delivery) -> bool:
    """Nothing was sent, or nothing since a person had it sent again."""
    return row.deed == Delivery.Deed.PUBLISH and row.begun_at is None


def _delivery(row: Delivery, person: User, *, again: bool) -> dict[str, Any]:
    drafts = person.can(Capability.DRAFT_POSTS)
    return {
        "pk": row.pk,
        "channel": str(row.channel),
        "deed": row.get_deed_display(),
        "state": row.get_state_display(),
        "tone": DELIVERY_TONES[OperationState(row.state)],
        "planned_at": row.planned_at,
        "published_at": row.published_at,
        "permalink": row.permalink if row.permalink.startswith("https://") else "",
        "trouble": plain(row.trouble) if row.state in NEEDS_A_PERSON else "",
        "untouched": _untouched(row),
        "again": again,
        "changed": bool(row.stands) and row.stands.strip() != row.payload["text"].strip(),
        "stands": row.stands,
        "read_back_at": row.read_back_at,
        "can_move": drafts and row.state == OperationState.WAITING and row.begun_at is None,
        "needs_a_person": drafts and row.state in NEEDS_A_PERSON,
        "not_before": row.submission.not_before,
        "not_after": row.submission.not_after,
    }


PLAIN = {
    "OutcomeUnknown": "送りましたが、返事を受け取れませんでした。公開されたかどうか分かりません。",
    "Transient": "プラットフォームにつながりませんでした。",
    "RateLimited": "プラットフォームの利用上限に達しました。",
    "AuthExpired": "プラットフォームへの接続の期限が切れました。管理者に再接続を依頼してください。",
    "Unsupported": "この契約や権限では、この投稿ができません。",
    "CeilingReached": "管理者が決めた今月の料金の上限に達するため、送りませんでした。",
    "Rejected": "プラットフォームに断られました。同じ内容を送っても通らない見込みです。",
}


def plain(trouble: str) -> str:
    """A stored problem in a person's words; our own words stand as they are."""
    kind, _, detail = trouble.partition(": ")
    ours = any("ぁ" <= sign <= "ヿ" or "一" <= sign <= "鿿" for sign in detail)
    return f"{detail}。" if ours else PLAIN.get(kind, "想定していない問題が起きました。")


def old_facts(post: Post) -> list[str]:
    """What the post says of its event that is no longer so."""
    if post.event is None:
        return []
    flagged: dict[int, list[str]] = {
        row["post"].pk: row["old"] for row in quoting_old_facts(post.event)
    }
    return flagged.get(post.pk, [])


def suggestions(post: Post, person: User) -> list[dict[str, Any]]:
    rows = Suggestion.objects.filter(post=post).select_related("by").order_by("-pk")
    return [
        {
            "pk": row.pk,
            "old": row.old,
            "new": row.new,
            "note": row.note,
            "by": row.by.display_name,
            "at": row.at,
            "state": row.get_state_display(),
            "open": row.state == SuggestionState.OPEN,
            "may_accept": person.can(Capability.DRAFT_POSTS)
            and row.by_id != person.pk
            and post.state in EDITABLE,
        }
        for row in rows
    ]


def remarks(post: Post) -> list[dict[str, Any]]:
    rows = post.remarks.select_related("by", "resolved_by", "revision").order_by("at", "pk")
    return [
        {
            "pk": row.pk,
            "text": row.text,
            "quote": row.quote,
            "by": row.by.display_name,
            "at": row.at,
            "revision": row.revision.number,
            "resolved_by": row.resolved_by.display_name if row.resolved_by else "",
        }
        for row in rows
    ]


def history(post: Post) -> list[dict[str, Any]]:
    """The revisions, newest first, each with the address of what it changed."""
    rows = list(post.revisions.select_related("author").order_by("-number"))
    return [
        {
            "number": row.number,
            "author": row.author.display_name,
            "at": row.created_at,
            "url": reverse("posts:revision", args=[post.pk, row.number]),
        }
        for row in rows
    ]

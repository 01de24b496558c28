"""What these tests store, through the project's own services wherever a test is not about them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.contract import RemoteAuthor, RemoteComment, RemotePostRef
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from moderation.models import Case, Comment, Decision, Judgement
from moderation.services import queue
from moderation.services.decide import decide
from moderation.services.intake import store_page
from moderation.services.triage import judge_comments
from moderation.states import CaseOrigin, Lane
from policy.criteria import Criterion, Route
from policy.models import RuleSet

START = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
POST = RemotePostRef("post-1", "学術大会のお知らせです", "https://x.example/post-1", START)


def make_channel(platform: Platform = Platform.X, name: str = "") -> Channel:
    """An account that nothing was read from yet."""
    return Channel.objects.create(
        platform=platform, name=name or f"学会 {platform.label}", account_id=f"own-{name}"
    )


def told(number: int = 1, text: str = "", **changes: Any) -> RemoteComment:
    """Comment `number` as an adapter tells it, written that many minutes after the start."""
    comment = RemoteComment(
        remote_id=f"c{number}",
        post=POST,
        author=RemoteAuthor(f"a{number}", f"名前{number}", f"handle{number}"),
        text=text or f"大会で会いましょう その{number}",
        created_at=START + timedelta(minutes=number),
        raw=f'{{"id": "c{number}"}}'.encode(),
        permalink=f"https://x.example/c{number}",
    )
    return replace(comment, **changes)


def store(channel: Channel, *comments: RemoteComment) -> list[Comment]:
    """Store a page and return the rows in the order given."""
    store_page(channel=channel, comments=comments)
    rows = {row.remote_id: row for row in Comment.objects.filter(channel=channel)}
    return [rows[comment.remote_id] for comment in comments]


def store_and_judge(channel: Channel, *comments: RemoteComment) -> list[Comment]:
    rows = store(channel, *comments)
    judge_comments(comment_ids=[row.pk for row in rows])
    return [Comment.objects.get(pk=row.pk) for row in rows]


def judgement_of(comment: Comment, **changes: Any) -> Judgement:
    """A verdict as if it had been reached, whatever the engine thinks."""
    given: dict[str, Any] = {"route": Route.QUEUE, "engine_version": "1", "context_hash": "0" * 64}
    return Judgement.objects.create(
        revision=comment.revisions.get(number=comment.revision_number),
        ruleset=RuleSet.objects.get(),
        **given | changes,
    )


def open_case(comment: Comment, **changes: Any) -> Case:
    """An open case with its queue entries."""
    given: dict[str, Any] = {
        "origin": CaseOrigin.JUDGED,
        "lane": Lane.QUEUE,
        "urgency": 20,
        "opened_at": timezone.now(),
    }
    case = Case.objects.create(comment=comment, **given | changes)
    queue.enter([case])
    return case


def decide_case(
    case: Case,
    actor: User,
    outcome: Outcome = Outcome.HIDE,
    criteria: Sequence[Criterion] = (Criterion.DEFAMATION,),
    note: str = "",
) -> Decision:
    """Decide a case on its comment's latest revision."""
    latest = case.comment.revisions.get(number=case.comment.revision_number)
    return decide(
        actor=actor,
        case=case,
        revision_id=latest.pk,
        outcome=outcome,
        criteria=criteria,
        note=note,
    )


def after_undo(decision: Decision) -> Decision:
    """Let the undo window of a decision be over."""
    past = timezone.now() - timedelta(seconds=1)
    Decision.objects.filter(pk=decision.pk).update(undo_until=past)
    decision.actions.update(due_at=past)
    decision.refresh_from_db()
    return decision

"""What people decided about comments in the end: for measuring and for training. Reads only.

One for each revision that was decided. What was taken back, refused by the second moderator or
still waits for one does not count; nor do chats, about which nothing can be decided.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.utils import timezone

from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.names import Platform
from moderation.models import Decision
from moderation.states import DecisionState

FINAL = (DecisionState.TAKEN, DecisionState.CONFIRMED)
REMOVALS = frozenset({Outcome.HIDE, Outcome.DELETE, Outcome.BLOCK})
_FIELDS = (
    "case__comment_id",
    "case__comment__channel_id",
    "revision_id",
    "pk",
    "decided_at",
    "outcome",
    "criteria",
    "case__origin",
    "case__judgement__revision_id",
    "case__judgement__labels",
    "case__judgement__signals",
    "case__judgement__route",
)


@dataclass(frozen=True, slots=True)
class Settled:
    """What stands about one revision. `grounds` are empty where the comment stays.

    `labels`, `signals` and `route` are those of the verdict that the person saw; `judged` is
    False where there was none on these very words.
    """

    comment: int
    channel: int
    revision: int
    decision: int
    decided_at: datetime
    grounds: frozenset[str]
    origin: str
    judged: bool
    labels: frozenset[str]
    signals: frozenset[str]
    route: str


def grounds_of(outcome: str, criteria: Iterable[str]) -> frozenset[str]:
    """What a decision removes a comment for. A form may tick grounds and keep all the same."""
    return frozenset(criteria) if outcome in REMOVALS else frozenset()


def settled(*, since: datetime | None = None, until: datetime | None = None) -> Iterator[Settled]:
    """What was decided in this time, as it stands now, comment by comment."""
    final = Decision.objects.filter(state__in=FINAL, undo_until__lte=timezone.now())
    rows = final.exclude(outcome=Outcome.UNBLOCK).exclude(
        case__comment__channel__platform=Platform.LINE
    )
    if since or until:
        lately = Q(**({"decided_at__gte": since} if since else {}))
        lately &= Q(**({"decided_at__lt": until} if until else {}))
        rows = rows.filter(case__comment__in=final.filter(lately).values("case__comment"))
    told = rows.order_by("case__comment_id", "decided_at", "pk").values_list(*_FIELDS).iterator()
    for _, decisions in groupby(told, key=lambda row: row[0]):
        for found in _in_the_end(decisions):
            if (since is None or found.decided_at >= since) and (
                until is None or found.decided_at < until
            ):
                yield found


def _in_the_end(decisions: Iterable[tuple[Any, ...]]) -> list[Settled]:
    """Fold one comment's decisions, oldest first.

    Keeping what was removed before only says that it stays away, and nothing about the comment.
    Showing it again says that there was no ground.
    """
    found: dict[int, Settled] = {}
    removed = False
    for row in decisions:
        one = _settled(row)
        outcome = row[5]
        if outcome in REMOVALS:
            found[one.revision] = one
            removed = True
        elif outcome == Outcome.RESTORE:
            found[one.revision] = replace(found.get(one.revision, one), grounds=frozenset())
            removed = False
        elif not removed:
            found[one.revision] = one
    return list(found.values())


def _settled(row: tuple[Any, ...]) -> Settled:
    comment, channel, revision, pk, decided_at, outcome, criteria, origin, *verdict = row
    judged_revision, labels, signals, route = verdict
    return Settled(
        comment=comment,
        channel=channel,
        revision=revision,
        decision=pk,
        decided_at=decided_at,
        grounds=grounds_of(outcome, criteria),
        origin=origin,
        judged=judged_revision == revision,
        labels=frozenset(labels or ()),
        signals=frozenset(signals or ()),
        route=route or "",
    )

"""Reads that have a name: what is offered, what waits, what was found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Greatest
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.platforms.capabilities import Outcome, Plan, can_hide_for_a_while as can_hide, plan
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.states import NEEDS_A_PERSON, ChannelState, OperationState
from moderation.models import (
    Action,
    Case,
    Comment,
    Decision,
    Hold,
    Label,
    ManualTask,
    QueueEntry,
    Specimen,
)
from moderation.settled import grounds_of
from moderation.states import (
    ALL_LANES,
    OPEN_TASKS,
    STANDING_DECISIONS,
    Answer,
    CaseState,
    CommentStanding,
    DecisionState,
    Hiding,
    HoldState,
    Purpose,
)

COUNT_TO = 999  # counts are exact up to here; beyond it nobody reads the digits
DELAY_WORTH_A_WORD = timedelta(minutes=10)
MAX_SMALL = 32_767  # of a smallint column
NOT_THERE = frozenset({CommentStanding.REMOVED, CommentStanding.GONE})


@dataclass(frozen=True, slots=True)
class QueueKey:
    """A place in the queue's order."""

    urgency: int
    opened_at: datetime
    case_id: int

    @classmethod
    def parse(cls, text: str) -> "QueueKey | None":
        """Read a key from a URL; None for anything that is not one."""
        try:
            urgency, micros, case_id = (int(part) for part in text.split("."))
            opened_at = datetime.fromtimestamp(micros // 1_000_000, tz=UTC)
        except (ValueError, OverflowError, OSError):
            return None
        if not (0 <= urgency <= MAX_SMALL and 0 <= case_id <= BigIntegerField.MAX_BIGINT):
            return None
        return cls(urgency, opened_at.replace(microsecond=micros % 1_000_000), case_id)

    def __str__(self) -> str:
        seconds = int(self.opened_at.timestamp())
        micros = seconds * 1_000_000 + self.opened_at.microsecond
        return f"{self.urgency}.{micros}.{self.case_id}"


@dataclass(frozen=True, slots=True)
class QueuePage:
    cases: list[Case]
    previous: QueueKey | None
    next: QueueKey | None


def queue_page(
    tags: Sequence[str],
    *,
    after: QueueKey | None = None,
    before: QueueKey | None = None,
    size: int = 20,
) -> QueuePage:
    """Return one page of the open cases that carry all `tags`, most urgent first.

    A walk along one index from the key on, however deep the page lies and however few answer to
    all of the tags.
    """
    entries = QueueEntry.objects.filter(filters=filters(tags))
    backwards = before is not None and after is None
    if after is not None:
        entries = entries.filter(TupleGreaterThan(_ORDER, _values(after)))
    elif before is not None:
        entries = entries.filter(TupleLessThan(_ORDER, _values(before)))
    order = [f"-{name}" if backwards else name for name in _ORDER_NAMES]
    found = list(entries.order_by(*order).values_list(*_ORDER_NAMES)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    keys = [QueueKey(*row) for row in found]
    has_previous = more if backwards else after is not None
    has_next = more if not backwards else True
    return QueuePage(
        cases=_cases([key.case_id for key in keys]),
        previous=keys[0] if keys and has_previous else None,
        next=keys[-1] if keys and has_next else None,
    )


_ORDER_NAMES = ("urgency", "opened_at", "case_id")
_ORDER = Tuple(*(F(name) for name in _ORDER_NAMES))


def _values(key: QueueKey) -> tuple[int, datetime, int]:
    return (key.urgency, key.opened_at, key.case_id)


def filters(tags: Iterable[str]) -> str:
    """Return the combination as QueueEntry writes it. Without a lane it is all lanes."""
    kinds = ("lane", "criterion", "signal", "platform", "channel")
    ordered = sorted(tags, key=lambda tag: kinds.index(tag.partition(":")[0]))
    if not (ordered and ordered[0].startswith("lane:")):
        ordered.insert(0, ALL_LANES)
    return " ".join(ordered)


def _cases(ids: Sequence[int]) -> list[Case]:
    rows = (
        Case.objects.select_related(
            "comment__channel", "comment__commenter", "comment__post", "judgement__revision"
        )
        .defer("comment__bigrams", "judgement__revision__raw")
        .in_bulk(ids)
    )
    return [rows[pk] for pk in ids if pk in rows]


def neighbours(case: Case, tags: Sequence[str] = ()) -> tuple[int | None, int | None]:
    """Return the open cases before and after this one, among those that carry all `tags`."""
    key = QueueKey(case.urgency, case.opened_at, case.pk)
    entries = QueueEntry.objects.filter(filters=filters(tags))
    before = entries.filter(TupleLessThan(_ORDER, _values(key))).order_by(
        *(f"-{name}" for name in _ORDER_NAMES)
    )
    after = entries.filter(TupleGreaterThan(_ORDER, _values(key))).order_by(*_ORDER_NAMES)
    return (
        before.values_list("case_id", flat=True).first(),
        after.values_list("case_id", flat=True).first(),
    )


def tag_counts(tags: Sequence[str], lane: str = ALL_LANES) -> dict[str, int]:
    """Count open cases per tag, exact up to COUNT_TO and COUNT_TO + 1 for more.

    A tag that is no lane is counted in `lane`, as the queue shows it. Index entries are counted
    only that far, so that the cost does not grow with the queue.
    """
    if not tags:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT wanted.tag, (
              SELECT count(*) FROM (
                SELECT 1 FROM moderation_queueentry entry
                WHERE entry.filters = wanted.filters LIMIT %s
              ) counted
            ) FROM unnest(%s, %s) AS wanted(tag, filters)
            """,
            [COUNT_TO + 1, list(tags), [_in_lane(tag, lane) for tag in tags]],
        )
        return dict(cursor.fetchall())


def _in_lane(tag: str, lane: str) -> str:
    return filters([tag] if tag.startswith("lane:") else [lane, tag])


def count_text(count: int) -> str:
    """Write a count as the pages show it: '' for none, '999+' beyond what is counted."""
    if count > COUNT_TO:
        return f"{COUNT_TO}+"
    return str(count) if count else ""


def opened_since(tag: str, moment: datetime) -> int:
    """Count the cases of a list that were opened after `moment` (up to COUNT_TO + 1)."""
    newer = QueueEntry.objects.filter(filters=filters([tag]), opened_at__gt=moment)
    return len(newer.values_list("case_id")[: COUNT_TO + 1])


def waiting_counts() -> dict[str, str]:
    """Return what waits for people, per list, as shown in the navigation."""
    tags = tag_counts([ALL_LANES, "lane:consultation"])
    second = Case.objects.filter(state=CaseState.AWAITING_SECOND)[: COUNT_TO + 1].count()
    troubles = Action.objects.filter(state__in=NEEDS_A_PERSON)[: COUNT_TO + 1].count()
    held = held_effects()[: COUNT_TO + 1].count()
    tasks = ManualTask.objects.filter(state__in=OPEN_TASKS)[: COUNT_TO + 1].count()
    return {
        "queue": count_text(tags[ALL_LANES]),
        "consultation": count_text(tags["lane:consultation"]),
        "second": count_text(second),
        "attention": count_text(min(troubles + held + tasks, COUNT_TO + 1)),
    }


def held_effects() -> QuerySet[Action]:
    """Return the effects that wait for a person to see to the account, not for their time."""
    needs_care = [ChannelState.RECONNECT, ChannelState.PAUSED]
    return Action.objects.filter(state=OperationState.WAITING, channel__state__in=needs_care)


def delayed_effects(now: datetime) -> QuerySet[Action]:
    """Return the effects that a platform's limit holds for more than ten minutes, with the time
    from which they go on as `goes_at`, the next first. Nobody has to do anything, unless it is
    urgent.
    """
    waiting = Action.objects.filter(
        state=OperationState.WAITING, channel__state=ChannelState.ACTIVE
    )
    # PostgreSQL's GREATEST leaves NULL out.
    timed = waiting.annotate(goes_at=Greatest("due_at", "channel__calm_until"))
    return timed.filter(goes_at__gt=now + DELAY_WORTH_A_WORD).order_by("goes_at", "pk")


def awaiting_second() -> QuerySet[Case]:
    """Return the cases that wait for a second moderator, most urgent first."""
    return (
        Case.objects.filter(state=CaseState.AWAITING_SECOND)
        .select_related(
            "comment__channel", "comment__commenter", "comment__post", "judgement__revision"
        )
        .defer("judgement__revision__raw")
        .order_by("urgency", "opened_at", "pk")
    )


def pending_undo(user: User) -> Decision | None:
    """Return the decision that this person can still take back, if any."""
    return (
        Decision.objects.filter(
            actor=user,
            undo_until__gt=timezone.now(),
            state__in=[DecisionState.TAKEN, DecisionState.AWAITING_SECOND],
        )
        .select_related("case__comment__channel")
        .order_by("-decided_at")
        .first()
    )


def strikes(commenter_id: int) -> QuerySet[Decision]:
    """Return the removals that stand against a commenter, newest first: derived, not stored.

    Of each comment the latest standing decision counts, and only if it is a removal: what was
    shown again is no strike, and what was hidden and then deleted is one. Keeping a comment as it
    is changes nothing, not even that it is hidden, and so does not count as the latest.
    """
    standing = Decision.objects.filter(
        commenter=commenter_id, state__in=STANDING_DECISIONS
    ).exclude(outcome=Outcome.KEEP)
    latest = standing.order_by("case__comment", "-decided_at", "-pk").distinct("case__comment")
    return (
        Decision.objects.filter(
            pk__in=latest.values("pk"),
            outcome__in=[Outcome.HIDE, Outcome.DELETE, Outcome.BLOCK],
        )
        .select_related("case")
        .order_by("-decided_at")
    )


def planned(comment: Comment, outcome: Outcome, *, held: bool = False) -> Plan:
    """Return what a wish will really do on the account that this comment stands under.

    To keep what a rule holds (`held`) is to show it again, if it is still there: also where it is
    read as visible. A reading may be older than the hide, and nobody must stay hidden unseen.
    """
    channel = comment.channel
    if held and outcome is Outcome.KEEP and comment.standing not in NOT_THERE:
        outcome = Outcome.RESTORE
    return plan(Platform(channel.platform), outcome, **_as_connected(channel))


def can_hide_for_a_while(comment: Comment) -> bool:
    """Tell whether a rule may hide this comment until a person decides."""
    visible = comment.standing == CommentStanding.VISIBLE and not comment.erasure
    channel = comment.channel
    return visible and can_hide(Platform(channel.platform), **_as_connected(channel))


def _as_connected(channel: Channel) -> dict[str, Any]:
    connected = channel.state != ChannelState.DISCONNECTED
    return {"connected": connected, "granted": channel.permissions}


def standing_hold(case: Case) -> Hold | None:
    """Return the hold under which this case's comment is hidden by a rule, if there is one."""
    return Hold.objects.filter(case=case, state=HoldState.STANDING).first()


def hiding_of(comment: Comment, hold: Hold | None) -> Hiding:
    """Tell whether a comment is hidden, or about to be by its hold.

    A hold whose hide went out does not make it so: somebody may have shown the comment again on
    the platform since.
    """
    if comment.standing == CommentStanding.HIDDEN:
        return Hiding.DONE
    if comment.standing != CommentStanding.VISIBLE or hold is None:
        return Hiding.NONE
    hide = hold.actions.filter(effect=Effect.HIDE).first()
    return _HIDINGS.get(hide.state, Hiding.NONE) if hide else Hiding.NONE


_HIDINGS: dict[str, Hiding] = {
    OperationState.WAITING: Hiding.UNDER_WAY,
    OperationState.SENDING: Hiding.UNDER_WAY,
    OperationState.UNKNOWN: Hiding.UNKNOWN,
}


def offered_outcomes(comment: Comment, *, held: bool = False) -> list[Outcome]:
    """Return what can be decided on a comment as it stands now.

    Nothing can be hidden that is gone; what is hidden can be shown again. Whom the platform does
    not name cannot be blocked. A chat can only be read. What a rule holds (`held`) is kept or
    removed: there is no third thing.
    """
    if comment.is_chat:
        return [Outcome.KEEP]
    removed = comment.standing in NOT_THERE
    if held and not removed:
        by_name = comment.commenter.platform_key and not comment.commenter.blocked
        block = [Outcome.BLOCK] if by_name else []
        return [Outcome.KEEP, Outcome.HIDE, Outcome.DELETE, *block]
    outcomes = [Outcome.KEEP]
    if comment.standing == CommentStanding.VISIBLE:
        outcomes.append(Outcome.HIDE)
    if comment.standing == CommentStanding.HIDDEN:
        outcomes.append(Outcome.RESTORE)
    if not removed:
        outcomes.append(Outcome.DELETE)
    if comment.commenter.platform_key:
        outcomes.append(Outcome.UNBLOCK if comment.commenter.blocked else Outcome.BLOCK)
    return outcomes


def is_comment(channel: Channel, url: str) -> bool:
    """Tell whether `url` is the address of a comment that was stored, on any account of the
    channel's platform.
    """
    plain = url.split("#", maxsplit=1)[0].rstrip("/")
    return Comment.objects.filter(
        channel__platform=channel.platform, permalink__in=[url, plain, f"{plain}/"]
    ).exists()


def waiting_specimens(purpose: Purpose, person: User) -> QuerySet[Specimen]:
    """Return what this person can be asked to label, in order.

    A second pair of eyes is another's: nobody is asked about a decision that they made or
    confirmed themselves.
    """
    rows = Specimen.objects.filter(purpose=purpose, label=None).exclude(revision__text="")
    if purpose == Purpose.DOUBLE:
        rows = rows.exclude(decision__actor=person).exclude(decision__approval__votes__voter=person)
    return rows.order_by("rank", "pk")


@dataclass(frozen=True, slots=True)
class DoubleLook:
    """What one moderator decided and another one said without seeing it: the grounds of each.

    Empty where the comment stays; `second` is None where the other one was unsure.
    """

    decided_at: datetime
    first: frozenset[str]
    second: frozenset[str] | None


def double_looks(since: datetime) -> list[DoubleLook]:
    """Return the decisions since then that another moderator has looked at."""
    rows = Label.objects.filter(
        specimen__purpose=Purpose.DOUBLE, specimen__decision__decided_at__gte=since
    ).values_list(
        "specimen__decision__decided_at",
        "specimen__decision__outcome",
        "specimen__decision__criteria",
        "answer",
        "criteria",
    )
    return [
        DoubleLook(
            decided_at,
            grounds_of(outcome, criteria),
            None if answer == Answer.UNSURE else frozenset(seen),
        )
        for decided_at, outcome, criteria, answer, seen in rows
    ]

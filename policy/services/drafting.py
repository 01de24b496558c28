"""Writing the next version of the policy. Two people never overwrite each other.

There is one draft at a time, begun as a copy of the version in force. Whoever changes a word of it
becomes a contributor, and contributors cannot approve it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.db.models import F, Value
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write
from jspm_social.audit.verbs import Verb
from jspm_social.transitions import move
from policy.errors import Overtaken, Refused
from policy.models import Clause, PolicyVersion
from policy.numbering import (
    DEPTH,
    WITH_HEADING,
    BadOrder,
    Level,
    anchor_for,
    numbers,
)
from policy.queries import NoPolicy, policy_in_force, upcoming
from policy.services.rows import OVERTAKEN, find, lock, lock_draft, tell
from policy.states import VERSION_MOVES, VersionState

USUAL_NOTICE = timedelta(days=30)  # between the beginning of a draft and its day of effect
MOST_CLAUSES = 500
CRITERIA = "4(2)"  # the clause whose letters the judgement, and every decision, refers to
FIXED = (
    "4(2)の「ア」から「ソ」は判定や判断の記録と結びついているため、番号が変わる操作はできません。"
    "文言は変えられます。新しい節は、4より後ろに加えてください。"
)


@one_write()
def begin(*, actor: User) -> PolicyVersion:
    """Begin the next version as a copy of the one in force.

    Raises:
        Refused: there is one already.
    """
    try:
        current = lock(policy_in_force())  # whoever begins at the same time waits here
    except NoPolicy as error:
        raise Refused(str(error)) from error
    if upcoming() is not None:
        raise Refused("改定案はすでにあります。その案を編集してください。")
    version = PolicyVersion.objects.create(
        number=current.number + 1,
        title=current.title,
        effective_from=timezone.localdate() + USUAL_NOTICE,
        source_sha256=current.source_sha256,
        created_by=actor,
    )
    Clause.objects.bulk_create(
        Clause(
            version=version,
            code=clause.code,
            anchor=clause.anchor,
            heading=clause.heading,
            text=clause.text,
            position=clause.position,
        )
        for clause in current.clauses.all()
    )
    version.contributors.add(actor)
    tell(Verb.POLICY_BEGUN, version, actor)
    return version


@one_write()
def describe(
    *,
    actor: User,
    version: PolicyVersion,
    title: str,
    effective_from: date,
    summary: str,
    base: int,
) -> PolicyVersion:
    """Set the title, the day of effect and what the change is about, unless somebody else did
    since `base` (the version's `edit_number` on the page).

    Raises:
        Overtaken: somebody saved first.
        Refused: it is no draft.
    """
    version = lock_draft(version)
    if version.edit_number != base:
        raise Overtaken(OVERTAKEN)
    told = {"title": title, "effective_from": effective_from, "summary": summary}
    if all(getattr(version, name) == value for name, value in told.items()):
        return version
    for name, value in told.items():
        setattr(version, name, value)
    version.edit_number += 1
    version.save(update_fields=[*told, "edit_number"])
    version.contributors.add(actor)
    tell(Verb.POLICY_EDITED, version, actor)
    return version


@one_write()
def save_clause(
    *, actor: User, version: PolicyVersion, anchor: str, heading: str, text: str, base: int
) -> Clause:
    """Store a clause as `actor` left it, if nobody saved it since `base` (its `edit_number`).

    Saving what stands there already changes nothing, and makes nobody a contributor.

    Raises:
        Overtaken: somebody else saved this clause first; nothing is lost on either side.
        Refused: it is no draft, the clause was removed, or a heading is missing or too many.
    """
    version = lock_draft(version)
    clause = find(version, anchor)
    if (clause.heading, clause.text) == (heading, text):
        return clause
    if clause.edit_number != base:
        raise Overtaken(OVERTAKEN)
    _require_heading(clause.level, heading)
    clause.heading, clause.text = heading, text
    _stamp(clause, actor)
    clause.edit_number += 1
    clause.save()
    version.contributors.add(actor)
    tell(Verb.POLICY_EDITED, version, actor, clause=clause.code)
    return clause


@one_write()
def add_clause(
    *, actor: User, version: PolicyVersion, after: str, level: Level, heading: str, text: str
) -> Clause:
    """Add a clause behind the one with the anchor `after`, and what belongs to that.

    Raises:
        Refused: it is no draft, `after` was removed, the order is impossible, or a ground of 4(2)
            would get another number.
    """
    version = lock_draft(version)
    clauses = list(version.clauses.all())
    if len(clauses) >= MOST_CLAUSES:
        raise Refused(f"条項は{MOST_CLAUSES}個までです。")
    _require_heading(level, heading)
    place = _index(clauses, after) + 1
    while place < len(clauses) and DEPTH[clauses[place].level] > DEPTH[level]:
        place += 1
    new = Clause(version=version, heading=heading, text=text)
    _stamp(new, actor)
    levels = [clause.level for clause in clauses]
    order = [*clauses[:place], new, *clauses[place:]]
    given = _numbered(order, [*levels[:place], level, *levels[place:]])
    new.anchor = anchor_for(given[place], _anchors_ever())
    _store(version, order, given)
    version.contributors.add(actor)
    tell(Verb.POLICY_EDITED, version, actor, clause=new.code, added=new.anchor)
    return new


@one_write()
def move_clause(*, actor: User, version: PolicyVersion, anchor: str, down: bool) -> Clause:
    """Move a clause, with what belongs to it, past its neighbour of the same depth.

    Raises:
        Refused: it is no draft, has no such neighbour, the order is impossible, or a ground of
            4(2) would get another number.
    """
    version = lock_draft(version)
    clauses = list(version.clauses.all())
    start = _index(clauses, anchor)
    end = _end(clauses, start)
    if down:
        first, middle, last = start, end, _end(clauses, end)
        fits = end < len(clauses) and DEPTH[clauses[end].level] == DEPTH[clauses[start].level]
    else:
        first, middle, last = _begin_before(clauses, start), start, end
        fits = first < start
    if not fits:
        raise Refused("これより先には動かせません。")
    order = [*clauses[:first], *clauses[middle:last], *clauses[first:middle], *clauses[last:]]
    _store(version, order, _numbered(order, [clause.level for clause in order]))
    version.contributors.add(actor)
    moved = find(version, anchor)
    tell(Verb.POLICY_EDITED, version, actor, clause=moved.code, moved=anchor)
    return moved


@one_write()
def remove_clause(*, actor: User, version: PolicyVersion, anchor: str, base: int) -> None:
    """Take a clause out. Its words stay in the audit trail.

    Raises:
        Overtaken: somebody changed it since it was read.
        Refused: it is no draft, other clauses belong to it, or a ground of 4(2) would go or get
            another number.
    """
    version = lock_draft(version)
    clauses = list(version.clauses.all())
    start = _index(clauses, anchor)
    gone = clauses[start]
    if gone.edit_number != base:
        raise Overtaken(OVERTAKEN)
    if _end(clauses, start) > start + 1:
        raise Refused("先に、この条項の中にある条項を削除してください。")
    order = [*clauses[:start], *clauses[start + 1 :]]
    given = _numbered(order, [clause.level for clause in order])
    if gone.code.startswith(CRITERIA):
        raise Refused(FIXED)
    gone.delete()
    _store(version, order, given)
    version.contributors.add(actor)
    words = {"heading": gone.heading, "text": gone.text}
    tell(Verb.POLICY_EDITED, version, actor, clause=gone.code, personal=words, removed=anchor)


@one_write()
def drop(*, actor: User, version: PolicyVersion, reason: str) -> None:
    """Give a draft up. It can still be read; its number goes to the next.

    Raises:
        Refused: it is no draft, or no reason is given.
    """
    version = lock_draft(version)
    if not reason.strip():
        raise Refused("取りやめる理由を書いてください。")
    move(version, table=VERSION_MOVES, to=VersionState.DROPPED)
    tell(Verb.POLICY_DROPPED, version, actor, personal={"reason": reason})


def _stamp(clause: Clause, actor: User) -> None:
    clause.edited_by, clause.edited_at = actor, timezone.now()


def _require_heading(level: Level, heading: str) -> None:
    if level in WITH_HEADING and not heading.strip():
        raise Refused("見出しを入力してください。")
    if level not in WITH_HEADING and heading.strip():
        raise Refused("この条項に見出しは付けられません。")


def _index(clauses: Sequence[Clause], anchor: str) -> int:
    for index, clause in enumerate(clauses):
        if clause.anchor == anchor:
            return index
    raise Refused("この条項は、ほかの人が削除しました。")


def _end(clauses: Sequence[Clause], start: int) -> int:
    """Where the clause at `start` ends, with all that belongs to it."""
    end = start + 1
    if start < len(clauses):
        while end < len(clauses) and DEPTH[clauses[end].level] > DEPTH[clauses[start].level]:
            end += 1
    return min(end, len(clauses))


def _begin_before(clauses: Sequence[Clause], start: int) -> int:
    """Where the neighbour before begins; `start` itself when there is none."""
    depth = DEPTH[clauses[start].level]
    for index in range(start - 1, -1, -1):
        if DEPTH[clauses[index].level] == depth:
            return index
        if DEPTH[clauses[index].level] < depth:
            break
    return start


def _numbered(order: Sequence[Clause], levels: Sequence[Level]) -> list[str]:
    """The new numbers, if every ground of 4(2) keeps its own and no other joins them."""
    try:
        given = numbers(levels)
    except BadOrder as error:
        raise Refused(str(error)) from error
    new = {clause.anchor: code for clause, code in zip(order, given, strict=True)}
    old = {clause.anchor: clause.code for clause in order if clause.anchor}
    if _criteria(old) != _criteria(new):
        raise Refused(FIXED)
    return given


def _criteria(codes: Mapping[str, str]) -> dict[str, str]:
    return {anchor: code for anchor, code in codes.items() if code.startswith(CRITERIA)}


def _anchors_ever() -> set[str]:
    return set(Clause.objects.values_list("anchor", flat=True))


def _store(version: PolicyVersion, order: Sequence[Clause], given: Sequence[str]) -> None:
    """Write the order and the numbers. Both are unique: they first step out of each other's way."""
    version.clauses.update(
        position=F("position") + 2 * MOST_CLAUSES,
        code=Concat(Value("#"), Cast("pk", CharField())),
    )
    for position, (clause, code) in enumerate(zip(order, given, strict=True), start=1):
        clause.position, clause.code = position, code
    Clause.objects.bulk_update([c for c in order if c.pk], ["position", "code"])
    Clause.objects.bulk_create([c for c in order if not c.pk])

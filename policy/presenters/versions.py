"""A version's text, its comparison with another, and its approval, as the pages show them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability, Role
from jspm_social.approvals.errors import OnLeave
from jspm_social.approvals.models import ApprovalRequest
from jspm_social.approvals.queries import approvers, can_vote, latest_for, open_seats
from jspm_social.approvals.seats import Slot
from jspm_social.approvals.states import Choice, RequestState
from jspm_social.diff import Piece
from policy.comparison import Change, Row, Side, Written
from policy.models import PolicyVersion
from policy.numbering import Level, level_of
from policy.states import VersionState

TONES: Final = {
    VersionState.DRAFT: "neutral",
    VersionState.REVIEW: "info",
    VersionState.APPROVED: "good",
    VersionState.IN_FORCE: "good",
    VersionState.RETIRED: "neutral",
    VersionState.DROPPED: "neutral",
}
CHANGES: Final = {
    Change.CHANGED: "変更",
    Change.ADDED: "新設",
    Change.REMOVED: "削除",
    Change.RENUMBERED: "番号の変更",
}


@dataclass(frozen=True, slots=True)
class ShownClause:
    """A clause with its number as the policy writes it; `depth` 0 to 2."""

    anchor: str
    code: str
    level: Level
    mark: str
    heading: str
    text: str
    change: str = ""  # against the version in force, in a word


def shown(
    clauses: Iterable[Written], changes: Mapping[str, str] = MappingProxyType({})
) -> list[ShownClause]:
    """The clauses as the pages show them; `changes` tells in a word what changed, by anchor."""
    return [
        ShownClause(
            anchor=clause.anchor,
            code=clause.code,
            level=level_of(clause.code, clause.heading),
            mark=mark_of(clause.code, level_of(clause.code, clause.heading)),
            heading=clause.heading,
            text=clause.text,
            change=changes.get(clause.anchor, ""),
        )
        for clause in clauses
    ]


def mark_of(code: str, level: Level) -> str:
    """The number as it stands in the text: '4.', '（2）', '(3)', 'ア', or nothing."""
    number = code.rpartition("(")[2].rstrip(")")
    match level:
        case Level.SECTION:
            return f"{code}."
        case Level.SUBSECTION:
            return f"（{number}）"
        case Level.ITEM:
            return f"({number})"
        case Level.LETTER:
            return code[-1]
    return ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the 新旧対照表. `skipped` names clauses that did not change; then nothing else."""

    skipped: str = ""
    anchor: str = ""
    change: str = ""
    old: "ShownSide | None" = None
    new: "ShownSide | None" = None


@dataclass(frozen=True, slots=True)
class ShownSide:
    mark: str
    code: str
    renumbered: bool = False
    heading: tuple[Piece, ...] = field(default=())
    text: tuple[Piece, ...] = field(default=())


def labels(version: PolicyVersion, before: PolicyVersion | None) -> dict[str, str]:
    """What stands above the two columns."""
    return {
        "new_label": f"改定後（{version}）",
        "old_label": f"改定前（{before}）" if before else "改定前",
    }


def table(rows: Sequence[Row], *, whole: bool = False) -> list[ShownRow]:
    """The rows of a comparison; what did not change is left out in one line unless `whole`."""
    return list(_table(rows, whole=whole))


def _table(rows: Sequence[Row], *, whole: bool) -> Iterator[ShownRow]:
    for same, group in groupby(rows, key=lambda row: row.change is Change.SAME):
        if same and not whole:
            codes = [row.new.code for row in group if row.new]
            yield ShownRow(skipped=codes[0] if len(codes) == 1 else f"{codes[0]}〜{codes[-1]}")
            continue
        for row in group:
            moved = row.old is not None and row.new is not None and row.old.code != row.new.code
            yield ShownRow(
                anchor=row.anchor,
                change=CHANGES.get(row.change, ""),
                old=_side(row.old, moved=moved),
                new=_side(row.new, moved=moved),
            )


def _side(side: Side | None, *, moved: bool) -> ShownSide | None:
    if side is None:
        return None
    heading = "".join(piece.text for piece in side.heading)
    return ShownSide(
        mark=mark_of(side.code, level_of(side.code, heading)),
        code=side.code,
        renumbered=moved,
        heading=side.heading,
        text=side.text,
    )


def steps(version: PolicyVersion, person: User) -> dict[str, bool]:
    """What this person may do with the version now. The services decide; this shows the buttons."""
    manages = person.can(Capability.MANAGE_POLICY)
    return {
        "edit": manages and version.state == VersionState.DRAFT,
        "take_back": manages and version.state in {VersionState.REVIEW, VersionState.APPROVED},
    }


def approval(version: PolicyVersion, person: User) -> dict[str, Any] | None:
    """The newest approval of the version: who approved, who is missing, may this person answer."""
    request = latest_for(version)
    if request is None:
        return None
    given = approvers(request)
    people = User.objects.in_bulk([*given, *request.contributors])
    is_open = request.state == RequestState.OPEN
    may = is_open and person.can(Capability.APPROVE_POLICY) and can_vote(request, person)
    return {
        "state": request.get_state_display(),
        "open": is_open,
        "given": [people[pk].display_name for pk in given],
        "missing": [Role(role).label for role in open_seats(request)] if is_open else [],
        "contributors": [people[pk].display_name for pk in request.contributors if pk in people],
        "expires_at": request.expires_at,
        "hash": request.content_hash,
        "may": may,
        "why_not": "" if may or not is_open else _why_not(request, person),
        "answers": [
            {
                "name": vote.voter.display_name,
                "good": vote.choice == Choice.APPROVE,
                "note": vote.note,
                "at": vote.at,
            }
            for vote in request.votes.select_related("voter").order_by("at")
        ],
    }


def wanted(slots: Iterable[Slot]) -> str:
    """Who has to approve, in words: 委員長1人・委員1人."""
    return "・".join(f"{Role(slot.role).label}{slot.count}人" for slot in slots)


def _why_not(request: ApprovalRequest, person: User) -> str:
    if person.pk in request.contributors:
        return "この改定案の作成に関わったため、承認には加われません。"
    if request.votes.filter(voter=person).exists():
        return "回答済みです。"
    if request.recusals.filter(person=person).exists():
        return "辞退されています。"
    if person.is_away():
        return OnLeave.message
    return "この承認に必要な役割をお持ちではありません。"

"""Whether the approval of a version can be had at all, and who could help where it cannot.

Whoever writes a version, or asks for its approval, cannot approve it: a committee with one chair
is at a dead end as soon as the chair does either. The page says so before it happens.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability, Role
from jspm_social.approvals.models import ApprovalRequest
from jspm_social.approvals.queries import approvers, not_yet_answered, slots_of
from jspm_social.approvals.seats import Slot
from jspm_social.approvals.shortage import Shortage, shortages
from policy.models import PolicyVersion


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """Why not everybody who has to approve can, and the ways on, in words."""

    reasons: tuple[str, ...]
    ways_on: tuple[str, ...]


def before_asking(version: PolicyVersion, person: User, slots: Sequence[Slot]) -> DeadEnd | None:
    """What would be short if this person asked for the approval now; None when nothing is."""
    wrote = set(version.contributors.values_list("pk", flat=True))
    at_work = _may_answer(User.objects.at_work())
    found = shortages(slots, _without(at_work, wrote | {person.pk}))
    if not found:
        return None
    # Whoever wrote it cannot approve it, whoever asks.
    askers = [] if person.pk in wrote else _who_could_ask(at_work, wrote, slots)
    others = [f"{_names(askers)}が依頼すれば、承認がそろいます。"] if askers else []
    whys = dict.fromkeys(wrote, "この改定案の作成に関わっています")
    whys.setdefault(person.pk, "依頼すると承認に加われません")
    return _dead_end(found, whys, others)


def _who_could_ask(at_work: list[User], wrote: set[int], slots: Sequence[Slot]) -> list[User]:
    """Whoever may ask, so that all the others are enough."""
    return [
        one
        for one in at_work
        if one.can(Capability.MANAGE_POLICY)
        and not shortages(slots, _without(at_work, wrote | {one.pk}))
    ]


def while_asked(request: ApprovalRequest) -> DeadEnd | None:
    """What is short of an approval under way; None when nothing is."""
    voters = _may_answer(not_yet_answered(request))
    approved = approvers(request)
    found = shortages(slots_of(request), voters, approved)
    whys = dict.fromkeys(request.contributors, "この改定案の作成に関わっています")
    whys |= dict.fromkeys(approved, "すでに承認しています")
    for recusal in request.recusals.all():
        whys[recusal.person_id] = "辞退されています"
    return _dead_end(found, whys, []) if found else None


def _dead_end(found: Iterable[Shortage], whys: dict[int, str], others: list[str]) -> DeadEnd:
    ways_on = [*others]
    for short in found:
        if short.deputies:
            absent = _names(short.holders)
            ways_on.append(f"{_names(short.deputies)}を{absent}の代理に決めると、承認できます。")
    nobody = (
        "承認に加われる人が足りません。委員を増やすか、「設定」で必要な承認を見直してください。"
    )
    return DeadEnd(tuple(_reason(short, whys) for short in found), tuple(ways_on or [nobody]))


def _reason(short: Shortage, whys: dict[int, str]) -> str:
    label = Role(short.role).label
    whys_seated = [(one, whys.get(one.pk, "すでに1人分に数えています")) for one in short.seated]
    whys_not = [(one, _why_not(one, whys)) for one in short.holders]
    each = "、".join(f"{one}さんは{why}" for one, why in [*whys_seated, *whys_not])
    if not each:
        return f"{label}の役割を持つ人がいません。"
    return f"{label}の承認ができる人が足りません（{each}）。"


def _why_not(person: User, whys: dict[int, str]) -> str:
    """Why this person takes no seat of the role; first what coming back would not change."""
    if person.pk in whys:
        return whys[person.pk]
    return "不在の期間中です" if person.is_away() else "ほかの役割での承認に必要です"


def _may_answer(people: Iterable[User]) -> list[User]:
    return [person for person in people if person.can(Capability.APPROVE_POLICY)]


def _without(people: Iterable[User], ids: set[int]) -> list[User]:
    return [person for person in people if person.pk not in ids]


def _names(people: Sequence[User]) -> str:
    """甲さん、乙さんのどなたか."""
    names = "、".join(f"{person}さん" for person in people)
    return f"{names}のどなたか" if len(people) > 1 else names

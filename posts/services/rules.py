"""What the committee decides about posting: who must approve, how often, on which days not."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.models import Channel
from posts.errors import Refused
from posts.models import ApprovalRule, BlackoutDay, Cadence, Post

MOST = 5  # people of one role: more would never come together


@one_write()
def set_approval_rule(
    *, actor: User, kind: str, channel: Channel | None, role: str, count: int, because: str
) -> None:
    """Say how many people of a role must approve such posts; 0 takes the rule away.

    What was already put up keeps the rule it was put up under.
    """
    if role not in Role.values or kind not in {"", *Post.Kind.values}:
        raise Refused("役割と種類を選んでください。")
    if not 0 <= count <= MOST:
        raise Refused(f"人数は{MOST}人までにしてください。")
    _require(because)
    where: dict[str, Any] = {"kind": kind, "channel": channel, "role": role}
    before = ApprovalRule.objects.filter(**where).values_list("count", flat=True).first() or 0
    rule = ApprovalRule(**where, count=count)
    if count:
        rule, _ = ApprovalRule.objects.update_or_create(**where, defaults={"count": count})
    else:
        ApprovalRule.objects.filter(**where).delete()
    told = {"kind": kind, "channel": channel.pk if channel else 0, "role": role, "count": count}
    record(
        actor=actor,
        verb=Verb.POSTING_RULE_SET,
        target=rule,
        details=told | {"before": before},
        personal={"because": because},
    )


@one_write()
def set_cadence(*, actor: User, channel: Channel, measure: Mapping[str, Any], because: str) -> None:
    """Say how often a channel posts (§3(3)), and in which hours it had better not."""
    _require(because)
    row, _ = Cadence.objects.update_or_create(channel=channel, defaults=dict(measure))
    told = {name: str(value or "") for name, value in measure.items()}
    record(
        actor=actor,
        verb=Verb.POSTING_RULE_SET,
        target=row,
        channel=channel.pk,
        details=told,
        personal={"because": because},
    )


@one_write()
def set_blackout(*, actor: User, day: date, reason: str, because: str) -> None:
    """Say that nothing should be posted on a day; no reason takes it away. `because` says why
    the committee decided so.
    """
    _require(because)
    row = BlackoutDay(day=day, reason=reason)
    if reason.strip():
        row, _ = BlackoutDay.objects.update_or_create(day=day, defaults={"reason": reason})
    else:
        BlackoutDay.objects.filter(day=day).delete()
    record(
        actor=actor,
        verb=Verb.POSTING_RULE_SET,
        target=row,
        details={"day": day.isoformat(), "reason": reason},
        personal={"because": because},
    )


def _require(because: str) -> None:
    if not because.strip():
        raise Refused("変える理由を入力してください。")

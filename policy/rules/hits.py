"""How often each rule hits, day by day, and the alarm when one hits far more often than usual."""

import logging
from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction
from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from policy.models import Bookmark, RuleAlarm, RuleDay
from policy.past import past
from policy.phases import PHASES

log = logging.getLogger(__name__)

_PHASE_TITLES = {judge.__module__.rpartition(".")[2]: title for title, judge in PHASES}
BATCH = 5_000  # verdicts
USUAL_DAYS = 28  # before the day that is looked at
TIMES_USUAL, LEAST_HITS = 5, 20
BOOKMARK = "rule_hits"
SUBJECT = "【広報コンソール】規則の該当件数が急に増えています"
BODY = """規則「{rule}」に、{day:%-m月%-d日}は{hits}件が当てはまりました。
ふだんは1日{usual:g}件です。

誤った規則か、荒らしの可能性があります。次のページで確かめてください。
規則が誤っているときは、同じページの「元に戻す」で、前の規則セットに戻せます。
{link}
"""


def count_hits() -> int:
    """Count what was judged since the last time. Returns how many verdicts were counted."""
    done = 0
    while (counted := _count_batch()) > 0:
        done += counted
    return done


@transaction.atomic
def _count_batch() -> int:
    Bookmark.objects.get_or_create(name=BOOKMARK)
    mark = Bookmark.objects.select_for_update().get(name=BOOKMARK)
    counted = past().rule_hits(mark.at, BATCH)
    if counted.last <= mark.at:
        return 0
    _add([(rule[:130], day, hits) for (rule, day), hits in sorted(counted.hits.items())])
    seen, mark.at = counted.last - mark.at, counted.last
    mark.save()
    return seen


def _add(rows: Sequence[tuple[str, date, int]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO policy_ruleday (rule, day, hits)"
            " SELECT * FROM unnest(%s::text[], %s::date[], %s::int[])"
            " ON CONFLICT (rule, day) DO UPDATE SET hits = policy_ruleday.hits + excluded.hits",
            [list(column) for column in zip(*rows, strict=True)],
        )


def is_jump(today: int, earlier: Sequence[int]) -> bool:
    """True when a day's hits are at least LEAST_HITS and more than TIMES_USUAL times the median
    of the days before, days without any included.
    """
    return today >= LEAST_HITS and today > TIMES_USUAL * median([*earlier] or [0])


def notice_jumps(today: date | None = None) -> list[RuleAlarm]:
    """Raise an alarm for each rule whose hits jumped today. A rule without earlier days has none
    to compare with: it is new, and whoever made it is looking.
    """
    day = today or timezone.localdate()
    first = day - timedelta(days=USUAL_DAYS)
    busy = RuleDay.objects.filter(day=day, hits__gte=LEAST_HITS)
    busy = busy.exclude(rule__in=RuleAlarm.objects.filter(day=day).values("rule"))
    alarms = []
    for row in busy:
        before = RuleDay.objects.filter(rule=row.rule, day__lt=day)
        oldest = before.order_by("day").values_list("day", flat=True).first()
        if oldest is None:
            continue
        known = list(before.filter(day__gte=first).values_list("hits", flat=True))
        days = (day - max(oldest, first)).days
        earlier = [*known, *[0] * (days - len(known))]
        if is_jump(row.hits, earlier):
            alarms.append(_raise(row, median(earlier or [0])))
    return [alarm for alarm in alarms if alarm is not None]


@one_write()
def _raise(row: RuleDay, usual: float) -> RuleAlarm | None:
    alarm, made = RuleAlarm.objects.get_or_create(
        rule=row.rule, day=row.day, defaults={"hits": row.hits, "usual": usual}
    )
    if not made:
        return None
    details = {"rule": row.rule, "day": row.day.isoformat(), "hits": row.hits}
    record(actor=None, verb=Verb.RULE_ALARM, target=alarm, details=details)
    return alarm


def tell() -> int:
    """Mail the alarms that were not told yet to whoever looks after the rules."""
    told = 0
    for alarm in RuleAlarm.objects.filter(told_at__isnull=True).order_by("pk"):
        people = User.objects.at_work().exclude(email="")
        reached = [
            person
            for person in people
            if person.can(Capability.MANAGE_RULES) and _mailed(person, alarm)
        ]
        if reached:
            RuleAlarm.objects.filter(pk=alarm.pk).update(told_at=timezone.now())
            told += 1
    return told


def _mailed(person: User, alarm: RuleAlarm) -> bool:
    body = BODY.format(
        rule=rule_name(alarm.rule),
        day=alarm.day,
        hits=alarm.hits,
        usual=alarm.usual,
        link=settings.SITE_URL.rstrip("/") + reverse("rules:index"),
    )
    try:
        send_mail(SUBJECT, body, None, [person.email])
    except (OSError, ValueError) as error:  # what SMTP says is an OSError; its text has addresses
        log.warning("no notice to user %s: %s", person.pk, type(error).__name__)
        return False
    return True


@one_write()
def mark_seen(*, actor: User, alarm: RuleAlarm) -> None:
    """Somebody has looked at an alarm: it leaves the pages."""
    RuleAlarm.objects.filter(pk=alarm.pk, seen_by__isnull=True).update(seen_by=actor)
    record(actor=actor, verb=Verb.RULE_ALARM_SEEN, target=alarm, details={"rule": alarm.rule})


def open_alarms() -> QuerySet[RuleAlarm]:
    """The alarms that nobody has looked at."""
    return RuleAlarm.objects.filter(seen_by__isnull=True)


def recent_hits(days: int = USUAL_DAYS) -> dict[str, int]:
    """Hits by rule over the last days, today included."""
    since = timezone.localdate() - timedelta(days=days - 1)
    rows = RuleDay.objects.filter(day__gte=since).values("rule").annotate(n=Sum("hits"))
    return {row["rule"]: row["n"] for row in rows}


def rule_name(rule: str) -> str:
    """What people call a rule that evidence names 'term:売り込み' or 'phase:personal:電話'."""
    kind, _, name = rule.partition(":")
    if kind != "phase":
        return name or rule
    module, _, part = name.partition(":")
    title = _PHASE_TITLES.get(module, module)
    return f"{title}（{part}）" if part and not part.isascii() else title

"""Erasing the words of what was removed, when the time that its grounds allow is over (§4(2)).

How long that is, the rule set in use says for each criterion: the longest of several counts, and
one without an end keeps the words for good. What may still be argued about is left alone: a case
that is open or under way, and a comment that stands visible. Decisions, grounds, verdicts, hashes
and the audit trail stay, and so do all counts.
"""

from datetime import datetime, time, timedelta

from django.db import connection
from django.utils import timezone

from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import Heartbeat
from jspm_social.platforms.names import Platform
from moderation.services.erase import erase_removed
from moderation.states import ACTIVE_CASES, STANDING_DECISIONS, CommentStanding
from policy.models import RuleSet
from policy.queries import NoPolicy, active_ruleset

AT_ONCE = 200  # comments in one transaction
BATCHES = 20  # of one call, so that it ends within a minute; the next call goes on
NIGHT = time(3)  # in Tokyo
BEAT = "retention"  # the Heartbeat that tells which night was done
LEAST_DAYS = 30  # whatever a setting says: an objection may come late

# Of each comment the latest standing decision that is more than keeping must be a removal.
_DUE = """
    SELECT c.id FROM moderation_comment c
    JOIN platforms_channel h ON h.id = c.channel_id AND h.platform <> %(chats)s
    CROSS JOIN LATERAL (
      SELECT d.outcome, d.criteria, d.decided_at FROM moderation_decision d
      JOIN moderation_case k ON k.id = d.case_id
      WHERE k.comment_id = c.id AND d.state = ANY(%(standing)s) AND d.outcome <> 'keep'
      ORDER BY d.decided_at DESC, d.id DESC LIMIT 1
    ) last
    CROSS JOIN LATERAL (
      SELECT max(greatest(s.retention_days, %(least)s)) AS days,
             count(*) AS known, bool_or(s.retention_days IS NULL) AS endless
      FROM policy_criterionsetting s
      WHERE s.ruleset_id = %(ruleset)s AND s.criterion = ANY(last.criteria)
    ) kept
    WHERE c.standing = ANY(%(not_shown)s) AND c.erasure = ''
      AND last.outcome = ANY(%(removals)s)
      AND kept.known = cardinality(last.criteria) AND NOT kept.endless
      AND last.decided_at < %(now)s - make_interval(days => kept.days)
      AND NOT EXISTS (SELECT 1 FROM moderation_case k
                      WHERE k.comment_id = c.id AND k.state = ANY(%(active)s))
    ORDER BY c.id LIMIT %(limit)s
"""


def erase_overdue() -> int:
    """Erase what is overdue, once a night, batch by batch. Returns how many comments.

    Nothing is remembered but which night was finished: what is left is found anew, so that a
    process that dies loses no more than its batch.
    """
    now = timezone.now()
    Heartbeat.objects.get_or_create(name=BEAT, defaults={"at": now - timedelta(days=1)})
    tonight = Heartbeat.objects.filter(name=BEAT, at__lt=last_night(now))
    if not tonight.exists():
        return 0
    erased = 0
    for _ in range(BATCHES):
        count = erase_batch()
        erased += count
        if count < AT_ONCE:
            tonight.update(at=now)
            break
    return erased


def last_night(now: datetime) -> datetime:
    """Return the last 3 o'clock at night in Tokyo that is not after `now`."""
    local = timezone.localtime(now)
    night = datetime.combine(local.date(), NIGHT, local.tzinfo)
    return night if night <= local else night - timedelta(days=1)


@one_write()
def erase_batch() -> int:
    """Erase the next few comments, with one audit event. Returns how many; 0 when none is due."""
    try:
        ruleset = active_ruleset()
    except NoPolicy:
        return 0
    ids = erase_removed(comment_ids=_due(ruleset))
    if ids:
        record(
            actor=None,
            verb=Verb.REMOVED_ERASED,
            target=ruleset,
            policy_version=str(ruleset.policy_version),
            details={"comments": sorted(ids), "ruleset": ruleset.number},
        )
    return len(ids)


def _due(ruleset: RuleSet) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            _DUE,
            {
                "chats": Platform.LINE.value,
                "standing": sorted(STANDING_DECISIONS),
                "least": LEAST_DAYS,
                "ruleset": ruleset.pk,
                "not_shown": [
                    standing.value
                    for standing in CommentStanding
                    if standing is not CommentStanding.VISIBLE
                ],
                "removals": [o.value for o in (Outcome.HIDE, Outcome.DELETE, Outcome.BLOCK)],
                "now": timezone.now(),
                "active": sorted(ACTIVE_CASES),
                "limit": AT_ONCE,
            },
        )
        return [pk for (pk,) in cursor.fetchall()]

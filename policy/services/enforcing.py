"""Putting an approved version into force on its day, and the rule set with it."""

import logging

from django.db.models import Max
from django.utils import timezone

from jspm_social.approvals.queries import approved
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.jobs import enqueue
from jspm_social.transitions import move
from policy.models import CriterionSetting, PolicyVersion, Rule, RuleSet
from policy.queries import active_ruleset, content_hash, policy_in_force
from policy.services.rows import lock, tell
from policy.states import RULESET_MOVES, VERSION_MOVES, RuleSetState, VersionState

log = logging.getLogger(__name__)

ANNOUNCE = "policy.jobs.announce"


def bring_due_into_force() -> list[PolicyVersion]:
    """Put into force what was approved and whose day (Asia/Tokyo) has begun. Returns those."""
    today = timezone.localdate()
    due = PolicyVersion.objects.filter(
        state=VersionState.APPROVED, effective_from__lte=today
    ).order_by("effective_from", "number")
    return [version for row in due if (version := bring_into_force(version=row)) is not None]


@one_write()
def bring_into_force(*, version: PolicyVersion) -> PolicyVersion | None:
    """Let an approved version take the place of the one in force; None if it may not, or no more.

    Both are locked, the old one first, so that of two workers one does it and the other finds it
    done. The hash is computed anew: only what was voted on comes into force. Rule sets name their
    version and are immutable: the one in use is copied for the new version.
    """
    old = lock(policy_in_force())
    version = lock(version)
    if version.state != VersionState.APPROVED or version.effective_from > timezone.localdate():
        return None
    exact = content_hash(version)
    if not approved(version, exact):
        log.error("%s is not what was approved: it does not come into force", version.pk)
        return None
    move(old, table=VERSION_MOVES, to=VersionState.RETIRED)
    now = timezone.now()
    move(version, table=VERSION_MOVES, to=VersionState.IN_FORCE, in_force_at=now)
    ruleset = _renew_ruleset(version)
    # A draft of a rule set will go to work under the new version.
    RuleSet.objects.filter(state=RuleSetState.DRAFT).update(policy_version=version)
    enqueue(ANNOUNCE, version.pk, queue="intake")
    tell(Verb.POLICY_RETIRED, old, None)
    tell(Verb.POLICY_IN_FORCE, version, None, hash=exact, clauses=version.clauses.count())
    record(
        actor=None,
        verb=Verb.RULESET_ACTIVATED,
        target=ruleset,
        policy_version=str(version),
        details={"number": ruleset.number, "rules": ruleset.rules.count()},
    )
    return version


def _renew_ruleset(version: PolicyVersion) -> RuleSet:
    """Put a copy of the active rule set to work that names `version`."""
    active = RuleSet.objects.select_for_update(no_key=True).get(pk=active_ruleset().pk)
    copy = renewed(active, version)
    move(active, table=RULESET_MOVES, to=RuleSetState.RETIRED)
    move(copy, table=RULESET_MOVES, to=RuleSetState.ACTIVE, activated_at=timezone.now())
    return copy


def renewed(ruleset: RuleSet, version: PolicyVersion) -> RuleSet:
    """Copy a rule set, with every setting and rule, so that it names `version`.

    Part of the caller's write, which puts the copy to work: no copy outlives it. A draft that
    somebody is writing stands beside it.
    """
    newest = RuleSet.objects.aggregate(newest=Max("number"))["newest"]
    copy = RuleSet.objects.create(
        number=newest + 1, policy_version=version, state=RuleSetState.COPY
    )
    settings = list(CriterionSetting.objects.filter(ruleset=ruleset))
    rules = list(Rule.objects.filter(ruleset=ruleset))
    for setting in settings:
        setting.pk, setting.ruleset = None, copy
    for rule in rules:
        rule.pk, rule.ruleset = None, copy
    CriterionSetting.objects.bulk_create(settings)
    Rule.objects.bulk_create(rules, batch_size=1_000)
    return copy

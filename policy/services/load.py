"""Loading what the project carries: version 1 of the policy, and rule set 1."""

from django.db import connection
from django.utils import timezone

from jspm_social.audit.services import Actor, one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.transitions import move
from policy import carried
from policy.models import Clause, CriterionSetting, PolicyVersion, Rule, RuleSet
from policy.numbering import anchor_for
from policy.ruleset import RuleSpec, compile_ruleset
from policy.states import RULESET_MOVES, VERSION_MOVES, RuleSetState, VersionState
from policy.text import PolicyText, parse


class DifferentVersionOne(Exception):
    """The database holds another version 1 than the project: nothing was changed."""


@one_write()
def load_version_1(*, actor: Actor | None = None) -> PolicyVersion:
    """Put policy version 1 in force and rule set 1 to work, unless they already are.

    Repeating changes nothing, also when a later version is in force by now.

    Raises:
        DifferentVersionOne: version 1 exists and its text differs from the carried one.
    """
    source = parse(carried.policy_text())
    _let_others_wait()
    known = PolicyVersion.objects.filter(number=1).first()
    if known is not None:
        if known.source_sha256 != source.sha256:
            raise DifferentVersionOne("データベースの第1版は、同梱の方針と本文が異なります。")
        return known
    version = _create_version(source)
    ruleset = _create_ruleset(version)
    now = timezone.now()
    move(version, table=VERSION_MOVES, to=VersionState.IN_FORCE, in_force_at=now)
    move(ruleset, table=RULESET_MOVES, to=RuleSetState.ACTIVE, activated_at=now)
    record(
        actor=actor,
        verb=Verb.POLICY_IN_FORCE,
        target=version,
        policy_version=str(version),
        details={"sha256": version.source_sha256, "clauses": len(source.parts)},
    )
    record(
        actor=actor,
        verb=Verb.RULESET_ACTIVATED,
        target=ruleset,
        policy_version=str(version),
        details={"number": ruleset.number, "rules": ruleset.rules.count()},
    )
    return version


def _let_others_wait() -> None:
    """Two machines that load at once: the second waits, then finds the version there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('policy.load_version_1'))")


def _create_version(source: PolicyText) -> PolicyVersion:
    version = PolicyVersion.objects.create(
        number=1,
        title=source.title,
        effective_from=timezone.localdate(),
        source_sha256=source.sha256,
    )
    Clause.objects.bulk_create(
        Clause(
            version=version,
            code=part.code,
            anchor=anchor_for(part.code),
            heading=part.heading,
            text=part.text,
            position=position,
        )
        for position, part in enumerate(source.parts, start=1)
    )
    return version


def _create_ruleset(version: PolicyVersion) -> RuleSet:
    settings, rules = carried.carried_settings(), carried.carried_rules()
    compile_ruleset(1, (row.spec() for row in settings), rules)  # refuse before anything is stored
    ruleset = RuleSet.objects.create(number=1, policy_version=version)
    CriterionSetting.objects.bulk_create(_setting(ruleset, row) for row in settings)
    Rule.objects.bulk_create(
        _rule(ruleset, position, spec) for position, spec in enumerate(rules, start=1)
    )
    return ruleset


def _setting(ruleset: RuleSet, row: carried.CarriedSetting) -> CriterionSetting:
    return CriterionSetting(
        ruleset=ruleset,
        criterion=row.criterion,
        guidance=row.guidance,
        examples_yes=list(row.examples_yes),
        examples_no=list(row.examples_no),
        default_outcome=row.default_outcome,
        severity=row.severity,
        threshold=row.threshold,
        strike_weight=row.strike_weight,
    )


def _rule(ruleset: RuleSet, position: int, spec: RuleSpec) -> Rule:
    return Rule(
        ruleset=ruleset,
        position=position,
        group=spec.group,
        kind=spec.kind,
        criterion=spec.criterion,
        value=spec.value,
        weight=spec.weight,
        reason=spec.reason,
        requires=list(spec.requires),
        unless=list(spec.unless),
        within=spec.within,
    )

"""Reading the policy: what is in force, and the rule set to judge with."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from threading import Lock

from jspm_social.templatetags.ja import day_text
from policy.criteria import Criterion
from policy.models import (
    Automation,
    Clause,
    CriterionSetting,
    PolicyVersion,
    Rule,
    RuleKind,
    RuleSet,
)
from policy.ruleset import TERM, CompiledRuleSet, RuleSpec, SettingSpec, compile_ruleset
from policy.states import PUBLIC, UPCOMING, RuleSetState, VersionState
from policy.text import Part, PolicyText, render

OUT_OF_REACH = 2.0  # no score is higher than 1.0
_compiling = Lock()  # two threads that ask at once compile once


class NoPolicy(LookupError):
    """Nothing is in force yet."""


def policy_in_force() -> PolicyVersion:
    """The policy version in force.

    Raises:
        NoPolicy: `manage.py load_policy` has not been run.
    """
    version = PolicyVersion.objects.filter(state=VersionState.IN_FORCE).first()
    if version is None:
        raise NoPolicy("運用方針がまだ読み込まれていません（manage.py load_policy）。")
    return version


def outdated(version: PolicyVersion) -> str:
    """What to say of something that was bound to `version`; '' while that is in force."""
    current = PolicyVersion.objects.filter(state=VersionState.IN_FORCE).first()
    if current is None or current.pk == version.pk:
        return ""
    return f"{version}に基づきます。いまは{current}（{day_text(current.effective_from)}施行）です。"


def upcoming() -> PolicyVersion | None:
    """The one version that is being written, approved, or waits for its day."""
    return PolicyVersion.objects.filter(state__in=UPCOMING).first()


def version_before(version: PolicyVersion) -> PolicyVersion | None:
    """The version that this one replaces; None for the first."""
    public = PolicyVersion.objects.filter(state__in=PUBLIC, number__lt=version.number)
    return public.order_by("-number").first()


def text_of(version: PolicyVersion) -> PolicyText:
    """The whole text, as `policy.text` writes it."""
    parts = tuple(Part(c.code, c.heading, c.text) for c in version.clauses.all())
    return PolicyText(version.title, parts, version.source_sha256)


def text_sha256(version: PolicyVersion) -> str:
    """The SHA-256 of the whole text (UTF-8)."""
    return hashlib.sha256(render(text_of(version)).encode()).hexdigest()


def content_hash(version: PolicyVersion) -> str:
    """What a vote is bound to: every word and number, the day of effect, and the summary."""
    exact = {
        "number": version.number,
        "title": version.title,
        "effective_from": version.effective_from.isoformat(),
        "summary": version.summary,
        "clauses": [[c.anchor, c.code, c.heading, c.text] for c in version.clauses.all()],
    }
    canonical = json.dumps(exact, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def active_ruleset() -> RuleSet:
    """The rule set in use, with its policy version.

    Raises:
        NoPolicy: there is none.
    """
    active = RuleSet.objects.select_related("policy_version").filter(state=RuleSetState.ACTIVE)
    ruleset = active.first()
    if ruleset is None:
        raise NoPolicy("使用中の規則セットがありません（manage.py load_policy）。")
    return ruleset


def compiled_active_ruleset() -> CompiledRuleSet:
    """The rule set in use, ready to judge with; compiled once per process.

    One small query tells which one is active; a rule set cannot change once it is.

    Raises:
        NoPolicy: there is none.
    """
    active = RuleSet.objects.filter(state=RuleSetState.ACTIVE)
    row = active.values_list("pk", "number", "revision", "created_at").first()
    if row is None:
        raise NoPolicy("使用中の規則セットがありません（manage.py load_policy）。")
    with _compiling:
        return _compiled(*row)


def compiled_ruleset(ruleset: RuleSet) -> CompiledRuleSet:
    """Any rule set, ready to judge with; compiled once per process and revision.

    Raises:
        BadRuleSet: a draft that does not compile.
    """
    with _compiling:
        return _compiled(ruleset.pk, ruleset.number, ruleset.revision, ruleset.created_at)


@lru_cache(maxsize=4)  # the active one, a shadow, a draft, and the one of yesterday's verdicts
def _compiled(pk: int, number: int, revision: int, created_at: datetime) -> CompiledRuleSet:
    # Part of the key only: a draft changes, and a rebuilt database gives old numbers to new rows.
    del revision, created_at
    settings = CriterionSetting.objects.filter(ruleset=pk)
    rules = Rule.objects.filter(ruleset=pk).order_by("position")
    return compile_ruleset(number, map(setting_spec, settings), map(rule_spec, rules))


def setting_spec(row: CriterionSetting) -> SettingSpec:
    """What the engine needs of a setting. A criterion without automation is never reached."""
    unused = row.automation == Automation.NONE
    return SettingSpec(
        row.criterion,
        threshold=OUT_OF_REACH if unused else row.threshold,
        severity=row.severity,
        hold_enabled=row.automation == Automation.HIDE,
    )


def rule_spec(row: Rule) -> RuleSpec:
    """A stored rule as the engine reads it; a known false claim is a term that tells more."""
    return RuleSpec(
        group=row.group,
        kind=TERM if row.kind == RuleKind.CLAIM else row.kind,
        value=row.value,
        criterion=row.criterion,
        weight=row.weight,
        reason=row.reason,
        requires=tuple(row.requires),
        unless=tuple(row.unless),
        within=row.within,
    )


def clause_code(criterion: Criterion) -> str:
    """Where the policy states the criterion; 無関係 stands in the lead sentence of 4(2)."""
    return "4(2)" if criterion == Criterion.IRRELEVANT else f"4(2){criterion.value}"


def clause_for(criterion: Criterion, version: PolicyVersion) -> Clause:
    """The clause of `version` that states the criterion."""
    return Clause.objects.get(version=version, code=clause_code(criterion))


def clauses_for(criteria: Iterable[str]) -> dict[str, Clause]:
    """The clauses in force that state these criteria, by criterion; in one query."""
    codes = {clause_code(Criterion(value)): value for value in criteria}
    rows = Clause.objects.filter(version__state=VersionState.IN_FORCE, code__in=list(codes))
    return {codes[row.code]: row for row in rows}


def settings_for(criteria: Iterable[str]) -> dict[str, CriterionSetting]:
    """The active settings of these criteria and signals, by criterion; in one query."""
    active = CriterionSetting.objects.filter(ruleset__state=RuleSetState.ACTIVE)
    return {row.criterion: row for row in active.filter(criterion__in=list(criteria))}


def setting_for(criterion: str) -> CriterionSetting:
    """The active setting of a criterion or signal: guidance, examples, default outcome.

    Raises:
        NoPolicy: nothing is active, or the rule set does not know the criterion.
    """
    active = CriterionSetting.objects.filter(ruleset__state=RuleSetState.ACTIVE)
    setting = active.filter(criterion=criterion).first()
    if setting is None:
        raise NoPolicy(f"基準「{criterion}」の設定がありません。")
    return setting


def guidance_for(criterion: str) -> str:
    """What moderators should consider, in Japanese, of the active rule set."""
    return setting_for(criterion).guidance

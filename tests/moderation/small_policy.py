"""A policy of a few words: what the engine finds in the tests does not depend on the real rules.

Every criterion has its clause and its guidance. Four words are known; everything else that the
engine might notice by itself stays below the threshold of 1.0.
"""

from typing import Any, Final

from django.utils import timezone

from jspm_social.transitions import move
from policy.criteria import Criterion, Signal
from policy.models import Automation, Clause, CriterionSetting, PolicyVersion, Rule, RuleSet
from policy.numbering import anchor_for
from policy.queries import clause_code
from policy.ruleset import TERM
from policy.states import RULESET_MOVES, VERSION_MOVES, RuleSetState, VersionState

SEVERE: Final = "赤錆"  # ア, severity 5
MILD: Final = "青錆"  # エ, severity 1
DISTRESS: Final = "灰雨"
CONSULTATION: Final = "白雲"
CRITICISM: Final = "黄砂"
_TERMS: Final[dict[str, str]] = {
    SEVERE: Criterion.UNLAWFUL,
    MILD: Criterion.DEFAMATION,
    DISTRESS: Signal.DISTRESS,
    CONSULTATION: Signal.CONSULTATION,
    CRITICISM: Signal.CRITICISM,
}
_SEVERITIES: Final[dict[str, int]] = {Criterion.UNLAWFUL: 5, Criterion.DEFAMATION: 1}


def load_small_policy(number: int = 1) -> RuleSet:
    """Put it in force and to work."""
    version = PolicyVersion.objects.create(
        number=number,
        title="試験用の方針",
        effective_from=timezone.localdate(),
        source_sha256="0" * 64,
    )
    Clause.objects.bulk_create(
        Clause(
            version=version,
            code=clause_code(criterion),
            anchor=anchor_for(clause_code(criterion)),
            text=f"{criterion.label}",
            position=n,
        )
        for n, criterion in enumerate(Criterion, start=1)
    )
    ruleset = RuleSet.objects.create(number=number, policy_version=version)
    CriterionSetting.objects.bulk_create(
        CriterionSetting(
            ruleset=ruleset,
            criterion=key,
            guidance=f"{key}の手引き",
            default_outcome="hide",
            severity=_SEVERITIES.get(key, 0),
            threshold=1.0,
        )
        for key in (*Criterion.values, *Signal.values)
    )
    Rule.objects.bulk_create(
        Rule(
            ruleset=ruleset,
            position=position,
            group=word,
            kind=TERM,
            value=word,
            criterion=key,
            weight=1.0,
            reason=f"「{word}」という言葉があります",
        )
        for position, (word, key) in enumerate(_TERMS.items(), start=1)
    )
    move(version, table=VERSION_MOVES, to=VersionState.IN_FORCE)
    move(ruleset, table=RULESET_MOVES, to=RuleSetState.ACTIVE, activated_at=timezone.now())
    return ruleset


def let_hold(first: RuleSet, caps: dict[str, int]) -> RuleSet:
    """Let a rule set hide for these criteria, so often a day.

    By the models alone: whether the figures allow it is another test's matter.
    """
    hide = Automation.HIDE
    return changed(
        first, {key: {"automation": hide, "daily_cap": cap} for key, cap in caps.items()}
    )


def changed(first: RuleSet, values: dict[str, dict[str, Any]]) -> RuleSet:
    """Put a copy of an active rule set to work, with other settings for these criteria."""
    second = RuleSet.objects.create(number=first.number + 1, policy_version=first.policy_version)
    settings, rules = list(first.settings.all()), list(first.rules.all())
    for rule in rules:
        rule.pk, rule.ruleset = None, second
    for setting in settings:
        setting.pk, setting.ruleset = None, second
        for name, value in values.get(setting.criterion, {}).items():
            setattr(setting, name, value)
    CriterionSetting.objects.bulk_create(settings)
    Rule.objects.bulk_create(rules)
    move(first, table=RULESET_MOVES, to=RuleSetState.RETIRED)
    move(second, table=RULESET_MOVES, to=RuleSetState.ACTIVE, activated_at=timezone.now())
    return second

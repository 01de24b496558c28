"""The policy's text (§8) and the rule sets by which it is applied: two things, two histories.

Clauses are announced to the public and never change; rule sets change more often and name the
policy version that they serve. Neither can be altered once it has left the draft state: the
database refuses (migration 0002), not only the code.
"""

from .lab import (
    Activation,
    Bookmark,
    RuleAlarm,
    RuleDay,
    RuleSetEdit,
    Trial,
    TrialSample,
)
from .rulesets import Automation, CriterionSetting, Outcome, Rule, RuleKind, RuleSet
from .versions import Clause, PolicyVersion

__all__ = [
    "Activation",
    "Automation",
    "Bookmark",
    "Clause",
    "CriterionSetting",
    "Outcome",
    "PolicyVersion",
    "Rule",
    "RuleAlarm",
    "RuleDay",
    "RuleKind",
    "RuleSet",
    "RuleSetEdit",
    "Trial",
    "TrialSample",
]

"""Reads the policy text, the rule set and the model that the project carries. Knows no database."""

import logging
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .classifiers.features import read, read_meaning
from .classifiers.model import Model
from .classifiers.store import BadModel, load
from .data import MODEL_DIR, POLICY_TEXT, RULESET_DIR
from .phases.subject import Author, Context, Subject
from .ruleset import CompiledRuleSet, RuleSpec, SettingSpec, compile_ruleset

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CarriedSetting:
    """The settings of one criterion or signal as the file gives them."""

    criterion: str
    guidance: str
    examples_yes: tuple[str, ...]
    examples_no: tuple[str, ...]
    default_outcome: str
    severity: int
    threshold: float
    strike_weight: int

    def spec(self) -> SettingSpec:
        """The part that the engine needs. Hold is off in everything the project carries."""
        return SettingSpec(self.criterion, self.threshold, self.severity)


def policy_text() -> str:
    """The whole text of policy version 1."""
    return POLICY_TEXT.read_text(encoding="utf-8")


def carried_settings() -> list[CarriedSetting]:
    """Settings of the 16 criteria and 3 signals of rule set 1."""
    data = tomllib.loads((RULESET_DIR / "criteria.toml").read_text(encoding="utf-8"))
    return [
        CarriedSetting(
            criterion=row["criterion"],
            guidance=row["guidance"].strip(),
            examples_yes=tuple(row["examples_yes"]),
            examples_no=tuple(row["examples_no"]),
            default_outcome=row["default_outcome"],
            severity=row["severity"],
            threshold=row["threshold"],
            strike_weight=row["strike_weight"],
        )
        for row in data["setting"]
    ]


def carried_rules() -> list[RuleSpec]:
    """The rules of rule set 1, file by file in order of name."""
    rules: list[RuleSpec] = []
    for path in sorted((RULESET_DIR / "rules").glob("*.toml")):
        for group in tomllib.loads(path.read_text(encoding="utf-8"))["group"]:
            rules += _rules_of(group)
    return rules


def _rules_of(group: dict[str, Any]) -> list[RuleSpec]:
    return [
        RuleSpec(
            group=group["name"],
            kind=group.get("kind", "pattern"),
            value=value,
            criterion=group.get("criterion", ""),
            weight=group.get("weight", 0.0),
            reason=group.get("reason", ""),
            requires=tuple(group.get("requires", ())),
            unless=tuple(group.get("unless", ())),
            within=group.get("within", 0),
        )
        for value in group.get("values", [""])
    ]


@cache
def carried_ruleset() -> CompiledRuleSet:
    """Rule set 1 compiled from the carried files, for judging without a database."""
    return compile_ruleset(1, (row.spec() for row in carried_settings()), carried_rules())


@cache
def carried_model() -> Model | None:
    """The learned model, read once per process; None (and an error in the log) if it is broken."""
    try:
        return read_model(MODEL_DIR)
    except BadModel as error:
        logger.error("judging by rules alone: %s", error)  # noqa: TRY400 -- says what is wrong
        return None


def read_model(folder: Path) -> Model:
    """Read a model, with all that it needs for its first comment.

    Raises:
        BadModel: it cannot be used.
    """
    model = load(folder)
    # The dictionary and the encoder load with the first comment: not at its cost.
    subjects = [Subject("。", Context("", Author("", "", "")))]
    model.opinions_on(read(subjects), read_meaning(subjects))
    return model

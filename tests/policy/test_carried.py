"""Rule set 1 as the project carries it."""

import json

from policy.carried import carried_rules, carried_ruleset, carried_settings
from policy.criteria import Criterion, Signal
from policy.data import COMMENTS
from policy.evaluation import evaluate_verdicts
from policy.models import Outcome
from policy.records import judge_records, read_record


def test_every_criterion_and_signal_has_one_setting() -> None:
    assert [row.criterion for row in carried_settings()] == [*Criterion.values, *Signal.values]


def test_settings_are_within_their_bounds() -> None:
    for row in carried_settings():
        assert row.default_outcome in Outcome.values
        assert 0 <= row.severity <= 5
        assert 0 < row.threshold <= 1
        assert row.examples_yes
        assert row.examples_no


def test_signals_are_kept_and_nothing_is_held() -> None:
    signals = [row for row in carried_settings() if row.criterion in Signal.values]
    assert {row.default_outcome for row in signals} == {"keep"}
    assert not any(setting.hold_enabled for setting in carried_ruleset().settings.values())


def test_every_criterion_has_rules_that_give_a_reason() -> None:
    rules = [rule for rule in carried_rules() if rule.criterion]
    found_by_phases = {"コ", "ス"}
    assert {rule.criterion for rule in rules} == {
        *Criterion.values,
        *Signal.values,
    } - found_by_phases
    assert [rule.group for rule in rules if not rule.reason or not rule.weight] == []


def test_demo_comments_are_840_and_readable() -> None:
    lines = [line for path in COMMENTS for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 840
    assert len({json.loads(line)["id"] for line in lines}) == 840


def test_baseline_on_the_demo_comments_does_not_fall() -> None:
    pairs = [
        pair
        for path in COMMENTS
        for pair in judge_records(
            map(read_record, path.read_text(encoding="utf-8").splitlines()), carried_ruleset()
        )
    ]
    result = evaluate_verdicts(pairs)
    distress = next(row for row in result.signals if row.key == "distress")
    assert all(not verdict.problems for _, verdict in pairs)
    assert all(
        0 <= e.start <= e.end <= len(record.text if e.field == "text" else record.author.name)
        for record, verdict in pairs
        for e in verdict.evidence
    )
    assert (result.any_violation.precision or 0) >= 0.95
    assert (result.any_violation.recall or 0) >= 0.90
    assert (distress.recall or 0) >= 0.90

"""The engine's promises: closed when something fails, spans inside the text, nothing raises."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from policy.carried import carried_ruleset
from policy.criteria import Criterion, Route, Signal
from policy.engine import (
    LONGEST_TEXT,
    MOST_EVIDENCE,
    PHASE_BUDGET,
    Author,
    Context,
    context_hash,
    evaluate,
)
from policy.phases.finding import Finding
from policy.phases.subject import Subject
from policy.ruleset import CompiledRuleSet, SettingSpec, compile_ruleset
from policy.verdict import Verdict
from tests.policy.judging import judge

CONTEXT = Context("投稿", Author("1", "名前", "handle"))
EMPTY = compile_ruleset(1, [], [])
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)


def finding(criterion: str, score: float, **changes: object) -> Finding:
    plain = Finding(criterion, score, 0, 1, "理由", f"test:{criterion}")
    return replace(plain, **changes)  # type: ignore[arg-type]  # tests name the fields


def run(*findings: Finding, ruleset: CompiledRuleSet = EMPTY, text: str = "本文") -> Verdict:
    def phase(subject: Subject, rules: CompiledRuleSet) -> Iterator[Finding]:
        yield from findings

    return evaluate(text, CONTEXT, ruleset, phases=[("試験", phase)])


def test_phase_that_raises_sends_to_a_person() -> None:
    def broken(subject: Subject, rules: CompiledRuleSet) -> Iterator[Finding]:
        yield finding("ア", 0.9)
        raise RuntimeError("本文の一部")

    verdict = evaluate("本文", CONTEXT, EMPTY, phases=[("壊れた段", broken)])
    assert verdict.problems == ("「壊れた段」の判定でエラーが起きました（RuntimeError）",)
    assert verdict.route == Route.QUEUE
    assert verdict.labels == ()


def test_phase_that_raises_leaves_the_others_standing() -> None:
    def broken(subject: Subject, rules: CompiledRuleSet) -> Iterator[Finding]:
        raise ValueError
        yield

    def sound(subject: Subject, rules: CompiledRuleSet) -> Iterator[Finding]:
        yield finding("distress", 0.9)

    verdict = evaluate("本文", CONTEXT, EMPTY, phases=[("壊れた段", broken), ("段", sound)])
    assert verdict.signals == (Signal.DISTRESS,)
    assert verdict.route == Route.CARE
    assert len(verdict.problems) == 1


@pytest.mark.budget
def test_phase_that_takes_too_long_sends_to_a_person() -> None:
    ticks = iter([0.0, PHASE_BUDGET * 2])
    verdict = evaluate(
        "本文", CONTEXT, EMPTY, phases=[("遅い段", lambda s, r: [])], clock=lambda: next(ticks)
    )
    assert verdict.problems == ("「遅い段」の判定に時間がかかりすぎました",)
    assert verdict.route == Route.QUEUE


def test_text_that_is_too_long_is_judged_in_part_and_goes_to_a_person() -> None:
    verdict = judge("死にたい" + "あ" * LONGEST_TEXT)
    assert Signal.DISTRESS in verdict.signals
    assert [problem[:8] for problem in verdict.problems] == ["文章が長いため、"]
    assert judge("よ" * 5 + "い" * LONGEST_TEXT).route == Route.QUEUE


def test_failing_matcher_is_a_problem_not_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def Match(self, text: str, potential: bool = False) -> None:  # noqa: N802 — RE2's name
            return None

    ruleset = compile_ruleset(1, [], carried_ruleset().rules)
    monkeypatch.setattr(ruleset.text_matcher._patterns[0], "_filter", Silent())
    verdict = evaluate("本文", CONTEXT, ruleset)
    assert any("MatcherExhausted" in problem for problem in verdict.problems)
    assert verdict.route == Route.QUEUE


def test_nothing_found_passes_with_every_score_at_zero() -> None:
    verdict = run()
    assert verdict.route == Route.PASS
    assert verdict.scores == dict.fromkeys([*Criterion.values, *Signal.values], 0.0)


def test_scores_of_different_rules_add_up_and_the_same_rule_counts_once() -> None:
    twice = finding("ク", 0.3, start=1, end=2)
    assert run(finding("ク", 0.3), twice).scores["ク"] == pytest.approx(0.3)
    other = finding("ク", 0.5, rule="test:other")
    assert run(finding("ク", 0.3), other).scores["ク"] == pytest.approx(0.65)


def test_labels_are_ordered_by_score_then_severity() -> None:
    ruleset = compile_ruleset(1, [SettingSpec("シ", severity=5), SettingSpec("キ", severity=2)], [])
    verdict = run(finding("キ", 0.7), finding("シ", 0.7), finding("ア", 0.9), ruleset=ruleset)
    assert verdict.labels == (Criterion.UNLAWFUL, Criterion.MALWARE, Criterion.SOLICITATION)


def test_general_grounds_give_way_to_specific_ones() -> None:
    both = run(finding("ソ", 0.9), finding("無関係", 0.9), finding("エ", 0.6))
    assert both.labels == (Criterion.DEFAMATION,)
    assert run(finding("無関係", 0.9)).labels == (Criterion.IRRELEVANT,)


def test_threshold_of_the_setting_decides() -> None:
    strict = compile_ruleset(1, [SettingSpec("ア", threshold=0.8)], [])
    assert run(finding("ア", 0.7)).labels == (Criterion.UNLAWFUL,)
    assert run(finding("ア", 0.7), ruleset=strict).labels == ()


HOLDING = compile_ruleset(1, [SettingSpec("シ", hold_enabled=True)], [])


@pytest.mark.parametrize(
    ("signals", "route"),
    [
        ([], Route.HOLD),
        (["criticism"], Route.QUEUE),
        (["consultation"], Route.QUEUE),
        (["distress"], Route.CARE),
        (["distress", "consultation"], Route.CARE),
    ],
)
def test_hold_never_touches_distress_or_consultation(signals: list[str], route: Route) -> None:
    findings = [finding("シ", 0.9), *(finding(signal, 0.9) for signal in signals)]
    assert run(*findings, ruleset=HOLDING).route == route


def test_hold_needs_a_setting_and_no_problem() -> None:
    assert run(finding("シ", 0.9)).route == Route.QUEUE
    long_text = "あ" * (LONGEST_TEXT + 1)
    assert run(finding("シ", 0.9), ruleset=HOLDING, text=long_text).route == Route.QUEUE


def test_evidence_outside_the_text_is_cut_to_it() -> None:
    verdict = run(finding("ア", 0.9, start=-5, end=99), text="本文")
    assert [(e.start, e.end) for e in verdict.evidence] == [(0, 2)]


def test_evidence_is_limited() -> None:
    many = [finding("ア", 0.9, start=i, end=i + 1) for i in range(MOST_EVIDENCE * 2)]
    assert len(run(*many, text="あ" * 500).evidence) == MOST_EVIDENCE


@settings(max_examples=150, deadline=None)
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, st.lists(ANY_TEXT, max_size=3))
def test_any_text_is_judged_with_spans_inside(
    text: str, name: str, post: str, history: list[str]
) -> None:
    verdict = judge(text, name=name, post=post, history=tuple(history))
    assert verdict.problems == ()
    sizes = {"text": len(text), "author_name": len(name)}
    assert all(0 <= e.start <= e.end <= sizes[e.field] for e in verdict.evidence)
    assert all(0.0 <= score <= 1.0 for score in verdict.scores.values())


@pytest.mark.parametrize(
    "piece",
    [
        "\x00", "\u202e死ね", "\ud800", "a\u0301\u0302", "死 ね . ", "「", "「死ね」と", "http://",
        "a.", "0", "090-0000-0000", "<script>", "ｶﾞ", "🌸", "学会より「", "モルヒネで必ず", "さん",
    ],
)  # fmt: skip
def test_hostile_100_000_characters_only_bring_a_person(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    verdict = evaluate(text, CONTEXT, carried_ruleset(), clock=lambda: 0.0)
    assert len(verdict.problems) == 1
    assert verdict.route in {Route.QUEUE, Route.CARE}


def test_context_hash_is_stable_and_tells_contexts_apart() -> None:
    context = Context("投稿", Author("1", "名", "h"), ("前",))
    read = json.dumps(["文\ud800", "投稿", "1", "名", "h", "前"]).encode("ascii")
    assert context_hash("文\ud800", context) == hashlib.sha256(read).hexdigest()
    others = [replace(context, post_text=""), replace(context, history=()), CONTEXT]
    assert len({context_hash("文", c) for c in (context, *others)}) == 4

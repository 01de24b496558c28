"""Judging again under other rules gives what a full judgement with the same model would give."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from policy.classifiers.model import Opinion
from policy.criteria import Criterion, Route, Signal
from policy.engine import Author, Context, evaluate
from policy.past import PastComment, PastVerdict
from policy.rejudge import Difference, Outcome, rejudge
from policy.ruleset import (
    LINK,
    NAME,
    PATTERN,
    TERM,
    TOGETHER,
    CompiledRuleSet,
    RuleSpec,
    SettingSpec,
    compile_ruleset,
)

KEYS = (*Criterion.values, *Signal.values)
# Few enough that what changes is mostly what matters.
USED = (Criterion.UNLAWFUL, Criterion.SOLICITATION, Criterion.OTHER, Signal.DISTRESS)
WORDS = (
    "赤錆",
    "青錆",
    "灰雨",
    "白雲",
    "黄砂",
    "緩和ケア",
    "私の祖母",
    "https://shop.example/a",
    "？",
)
THRESHOLDS = (0.3, 0.5, 0.6, 0.75)


class Says:
    """A model that says what it was told to say."""

    version = "says"

    def __init__(self, scores: dict[str, float]) -> None:
        self.scores = scores

    def opinions(self, subjects: Sequence[Any], _bars: Any) -> list[Any]:
        return [Opinion(self.scores, self.scores)] * len(subjects)


@pytest.fixture(autouse=True, scope="module")
def no_explanations() -> Iterator[None]:
    """What the model would point at is no part of any outcome."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("policy.engine.explain", lambda *_: iter(()))
        yield


def group(name: str, kind: str, *values: str, **more: Any) -> list[RuleSpec]:
    return [RuleSpec(name, kind, value, **more) for value in values or ("",)]


@st.composite
def rules(draw: Any) -> list[RuleSpec]:
    """A few groups over a few words: blocks, terms, patterns, names, links, combinations."""
    weight = st.sampled_from([0.2, 0.4, 0.5, 0.6, 0.8])
    key = st.sampled_from(USED)
    some = st.lists(st.sampled_from(WORDS[:7]), min_size=1, max_size=3, unique=True)
    blocks = draw(st.lists(st.sampled_from(["注意喚起", "緩和の話題", "自分の情報"]), unique=True))
    found = [spec for name in blocks for spec in group(name, TERM, *draw(some))]
    for name in ("売り文句", "決めつけ", "印"):
        if draw(st.booleans()):
            unless = tuple(b for b in blocks if draw(st.booleans()))
            kind = draw(st.sampled_from([TERM, PATTERN]))
            found += group(
                name, kind, *draw(some), criterion=draw(key), weight=draw(weight), unless=unless
            )
    if draw(st.booleans()):
        found += group("名", NAME, "偽物|公式", criterion=draw(key), weight=draw(weight))
    if draw(st.booleans()):
        found += group("先", LINK, r"shop\.example", criterion=draw(key), weight=draw(weight))
    names = sorted({spec.group for spec in found})
    if len(names) > 1 and draw(st.booleans()):
        required = tuple(draw(st.permutations(names)))[:2]
        found += group(
            "合わせ",
            TOGETHER,
            criterion=draw(key),
            weight=draw(weight),
            requires=(*required[:1], "リンク") if draw(st.booleans()) else required,
            within=draw(st.sampled_from([0, 5])),
        )
    return found


@st.composite
def rulesets(draw: Any) -> CompiledRuleSet:
    specs = [
        SettingSpec(
            key,
            draw(st.sampled_from(THRESHOLDS)),
            draw(st.integers(0, 5)),
            key in Criterion.values and draw(st.booleans()),
        )
        for key in USED
    ]
    return compile_ruleset(1, specs, draw(rules()))


@st.composite
def changed(draw: Any, before: CompiledRuleSet) -> CompiledRuleSet:
    """The same rule set but for one thing: a threshold, a rule less, another weight, a rule more."""
    specs, found = dict(before.settings), list(before.rules)
    what = draw(st.sampled_from(["threshold", "less", "weight", "more"]))
    if what == "threshold":
        key = draw(st.sampled_from(USED))
        specs[key] = replace(specs[key], threshold=draw(st.sampled_from(THRESHOLDS)))
    elif what == "more":
        word, key = draw(st.sampled_from(WORDS[:7])), draw(st.sampled_from(USED))
        found.append(RuleSpec(f"追加：{word}", TERM, word, key, 0.6))
    elif found:
        at = draw(st.integers(0, len(found) - 1))
        gone = found.pop(at)
        if what == "weight":
            found.insert(at, replace(gone, weight=draw(st.sampled_from([0.3, 0.7]))))
    names = {spec.group for spec in found}
    kept = [
        replace(
            spec,
            requires=tuple(n for n in spec.requires if n in names or n == "リンク"),
            unless=tuple(n for n in spec.unless if n in names),
        )
        for spec in found
    ]
    return compile_ruleset(2, specs.values(), kept)


texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map("です。".join)
# Mostly the model finds nothing: only then does it matter what the rules find.
scores = st.dictionaries(
    st.sampled_from(USED), st.sampled_from([0.29, 0.3, 0.55, 0.7, 0.9]), max_size=2
).map(lambda some: dict.fromkeys(KEYS, 0.0) | some)


def stored(
    text: str, context: Context, ruleset: CompiledRuleSet, model: Says | None
) -> PastComment:
    """A comment as moderation keeps it after its judgement."""
    verdict = evaluate(text, context, ruleset, model=model)  # type: ignore[arg-type]
    found = {e.criterion for e in verdict.evidence if e.rule != "model"}
    author = context.author
    return PastComment(
        1,
        text,
        context.post_text,
        author.key,
        author.name,
        author.handle,
        PastVerdict(
            1, 1, verdict.model_version, verdict.scores, verdict.problems, frozenset(found)
        ),
        None,
    )


def by_trial(
    comment: PastComment, history: tuple[str, ...], difference: Difference
) -> tuple[Outcome, bool]:
    """The outcome as a trial finds it, and whether it had to run the phases."""
    fast = None if difference.can_fire(comment) else difference.without_phases(comment)
    if fast is not None:
        return fast, False
    return rejudge(comment, history, difference.after), True


def full(
    comment: PastComment, context: Context, ruleset: CompiledRuleSet
) -> tuple[Any, Any, Route]:
    verdict = comment.verdict
    model = Says(dict(verdict.scores)) if verdict.model_version else None
    told = evaluate(comment.text, context, ruleset, model=model)  # type: ignore[arg-type]
    return told.labels, told.signals, told.route


@settings(max_examples=300, deadline=None)
@given(st.data(), rulesets(), texts, scores, st.sampled_from(["読者", "公式です"]))
def test_trial_says_what_a_full_judgement_says(
    data: Any, before: CompiledRuleSet, text: str, said: dict[str, float], name: str
) -> None:
    learned = data.draw(st.booleans())
    after = data.draw(changed(before) if data.draw(st.booleans()) else rulesets())
    history = (text,) if data.draw(st.booleans()) else ()
    context = Context("緩和ケアのお知らせ", Author("k", name, "h"), history)
    comment = stored(text, context, before, Says(said) if learned else None)
    outcome, _ = by_trial(comment, history, Difference(before, after))
    assert (outcome.labels, outcome.signals, outcome.route) == full(comment, context, after)


def small(*rules: RuleSpec, **thresholds: float) -> CompiledRuleSet:
    return compile_ruleset(1, [SettingSpec(k, v) for k, v in thresholds.items()], rules)


RED = RuleSpec("赤", TERM, "赤錆", "キ", 0.6)
RED_TOO = RuleSpec("赤", TERM, "青錆", "キ", 0.6)
BLUE = RuleSpec("青", TERM, "青錆", "キ", 0.6)
BOTH = RuleSpec("両方", TOGETHER, "", "ア", 0.6, requires=("赤", "青"))
CONTEXT = Context("緩和ケアのお知らせ", Author("k", "読者", "h"))
NOTHING = dict.fromkeys(KEYS, 0.0)


@pytest.mark.parametrize(
    ("text", "said", "before", "after", "ran"),
    [
        ("緩和ケア", {}, small(RED), small(RED, BLUE), False),
        ("青錆", {}, small(RED), small(RED, BLUE), True),
        ("赤錆", {}, small(RED), small(RED, RED_TOO), False),
        ("青錆", {}, small(RED), small(RED, RED_TOO), True),
        ("赤錆", {}, small(RED), small(replace(RED, weight=0.3)), True),
        ("緩和ケア", {}, small(RED), small(replace(RED, weight=0.3)), False),
        ("赤錆", {}, small(RED), small(), True),
        # What the rules alone found is a reason to look only above the new threshold.
        ("赤錆", {}, small(RED), small(RED, キ=0.7), True),
        ("赤錆", {}, small(RED), small(RED, ア=0.7), False),
        # The model found it before and does not any more: now the rules are asked.
        ("赤錆", {"ア": 0.55}, small(RED), small(RED, ア=0.6), True),
        ("緩和ケア", {"ア": 0.55}, small(RED), small(RED, ア=0.6), False),
        ("赤錆と青錆", {}, small(RED, BLUE, キ=0.9), small(RED, BLUE, BOTH, キ=0.9), True),
        ("赤錆だけ", {}, small(RED, BLUE, キ=0.9), small(RED, BLUE, BOTH, キ=0.9), False),
    ],
)
def test_phases_run_only_where_they_can_say_something_else(
    text: str, said: dict[str, float], before: CompiledRuleSet, after: CompiledRuleSet, ran: bool
) -> None:
    comment = stored(text, CONTEXT, before, Says(NOTHING | said))
    outcome, did = by_trial(comment, (), Difference(before, after))
    assert did == ran
    assert (outcome.labels, outcome.signals, outcome.route) == full(comment, CONTEXT, after)


def test_evidence_that_was_cut_short_is_no_proof_of_anything() -> None:
    before = small(RED)
    comment = stored("緩和ケアの話です", CONTEXT, before, Says(NOTHING))
    unknown = replace(comment, verdict=replace(comment.verdict, found=None))
    assert Difference(before, small(RED, キ=0.9)).without_phases(unknown) is None


def test_a_score_on_the_edge_is_worked_out_anew() -> None:
    """A stored score is rounded: 0.50004 and 0.49996 would look the same."""
    near = replace(RED, weight=0.50004)
    comment = stored("赤錆", CONTEXT, small(near), None)
    assert comment.verdict.scores["キ"] == 0.5
    assert Difference(small(near), small(near, ア=0.7)).without_phases(comment) is None


def test_a_cry_for_help_is_never_shown_as_freed() -> None:
    heard = RuleSpec("声", TERM, "灰雨", Signal.DISTRESS, 0.9)
    comment = stored("灰雨", CONTEXT, small(heard), Says(NOTHING))
    outcome, _ = by_trial(comment, (), Difference(small(heard), small()))
    assert outcome.route == Route.CARE

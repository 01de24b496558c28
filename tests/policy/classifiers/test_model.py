"""The carried model: it fits its data, survives its file, and stays inside the text."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from policy.carried import carried_model, carried_ruleset
from policy.classifiers import features, sentence
from policy.classifiers.features import read, read_meaning
from policy.classifiers.likeness import Floats
from policy.classifiers.model import (
    COLUMNS,
    DEFAULT_BARS,
    DISTRESS_ABOVE,
    DISTRESS_BELOW,
    FORMAT,
    KEYS,
    NEAR,
    SHUT,
    Bars,
    Bools,
    Calibration,
    Gate,
    Model,
    Opinion,
    Scorer,
)
from policy.classifiers.situation import situation
from policy.classifiers.store import NUMBERS, WORDS, BadModel, load, save
from policy.classifiers.training import version_of
from policy.command_line import RecordReader
from policy.criteria import Criterion, Route, Signal
from policy.data import CARRIED
from policy.engine import NO_MODEL, Author, Context, _bars, evaluate, evaluate_many
from policy.phases.subject import Subject
from policy.ruleset import SettingSpec, compile_ruleset

CONTEXT = Context("学会のお知らせです。", Author("1", "読者", "reader"))
TEXTS = [
    "処方箋がなくても痛み止めをお譲りします。値段はDMで",
    "母を見送って一年になります。ありがとうございました。",
    "",
    "フォローしてくれたら必ずフォロー返します",
    "父の薬を倍にしてもいいでしょうか",
]


@pytest.fixture(scope="module")
def model() -> Model:
    found = carried_model()
    assert found is not None
    return found


def test_the_carried_model_was_trained_on_the_carried_comments(model: Model) -> None:
    """When this fails: run `manage.py train` and commit what it wrote."""
    reader = RecordReader(None)  # type: ignore[arg-type]
    records = [record for path in CARRIED for record in reader.read(str(path))]
    assert model.version == version_of(records)


def test_a_model_comes_back_from_its_file(model: Model, tmp_path: Path) -> None:
    save(model, tmp_path, figures={"macro_f1": 0.5})
    again = load(tmp_path)
    subjects = [Subject(text, CONTEXT) for text in TEXTS]
    for one, other in zip(model.opinions(subjects), again.opinions(subjects), strict=True):
        assert one.scores == pytest.approx(other.scores, abs=1e-5)


def change(folder: Path, name: str, how: Callable[[Floats], Floats]) -> None:
    with np.load(folder / NUMBERS) as numbers:
        stored = {key: numbers[key] for key in numbers.files}
    np.savez(folder / NUMBERS, **{**stored, name: how(stored[name])})


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / NUMBERS).unlink(),
        lambda folder: (folder / WORDS).unlink(),
        lambda folder: (folder / WORDS).write_text("{}"),
        lambda folder: (folder / WORDS).write_text(
            (folder / WORDS).read_text().replace(f'"format": {FORMAT}', '"format": 0')
        ),
        lambda folder: (folder / NUMBERS).write_bytes((folder / NUMBERS).read_bytes()[:5_000]),
        lambda folder: (folder / NUMBERS).write_bytes(b"\x80\x04K\x01."),  # a pickle
        lambda folder: change(folder, "thorough_dense", lambda numbers: numbers[:-1]),
        lambda folder: change(folder, "quick_base", lambda numbers: numbers * np.nan),
    ],
)
def test_a_broken_file_is_refused(model: Model, tmp_path: Path, harm: object) -> None:
    save(model, tmp_path, figures={})
    harm(tmp_path)  # type: ignore[operator]
    with pytest.raises(BadModel):
        load(tmp_path)


def test_what_the_first_comment_needs_is_there_with_the_model() -> None:
    """Otherwise the first doubtful comment of a worker would take too long to be heard."""
    command = [
        sys.executable,
        "-c",
        (
            "from policy.carried import carried_model; carried_model();"
            "from policy.classifiers import grams, sentence;"
            "print(*(f.cache_info().currsize for f in (grams._sudachi, sentence._encoder)),"
            " sentence._encoder()._backend is not None)"
        ),
    ]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    assert told.stdout.split() == ["1", "1", "True"]


def test_without_a_model_the_rules_judge_and_the_verdict_says_so() -> None:
    verdict = evaluate("フォロバ100%です", CONTEXT, carried_ruleset())
    assert verdict.labels == (Criterion.TERMS,)
    assert verdict.model_version == NO_MODEL
    assert verdict.problems == ()


class Failing(Model):
    def opinions(self, subjects: Sequence[Subject], bars: Bars = DEFAULT_BARS) -> list[Opinion]:
        raise MemoryError("with words of the comment")


class Silent(Model):
    """Finds nothing in anything."""

    def opinions(self, subjects: Sequence[Subject], bars: Bars = DEFAULT_BARS) -> list[Opinion]:
        nothing = dict.fromkeys(KEYS, 0.0)
        return [Opinion(nothing, nothing)] * len(subjects)


def test_a_model_that_fails_leaves_it_to_the_rules_and_to_a_person(model: Model) -> None:
    failing = Failing(**vars(model))
    verdict = evaluate("ありがとうございました", CONTEXT, carried_ruleset(), model=failing)
    assert verdict.route == Route.QUEUE
    assert verdict.model_version == NO_MODEL
    assert verdict.problems == (
        "学習した判定でエラーが起きたため、規則だけで判定しました（MemoryError）",
    )


@pytest.mark.budget
def test_a_model_that_takes_too_long_is_not_listened_to(model: Model) -> None:
    ticks = iter(range(0, 10_000, 10))
    verdict = evaluate(
        "フォロバ100%です", CONTEXT, carried_ruleset(), model=model, phases=(), clock=ticks.__next__
    )
    assert verdict.problems == ("学習した判定に時間がかかりすぎたため、規則だけで判定しました",)
    assert verdict.model_version == NO_MODEL


def test_where_rules_and_model_differ_a_person_decides(model: Model) -> None:
    verdict = evaluate("フォロバ100%です", CONTEXT, carried_ruleset(), model=Silent(**vars(model)))
    assert verdict.labels == ()
    assert verdict.route == Route.QUEUE
    assert verdict.problems == ("規則は「セ」に当たると見ましたが、学習した判定は見ていません",)


def test_a_cry_for_help_counts_by_whomever_it_was_heard(model: Model) -> None:
    verdict = evaluate(
        "もう死にたい。今夜で終わりにします",
        CONTEXT,
        carried_ruleset(),
        model=Silent(**vars(model)),
    )
    assert Signal.DISTRESS in verdict.signals
    assert verdict.route == Route.CARE


def test_one_by_one_and_all_at_once_are_the_same(model: Model) -> None:
    ruleset = carried_ruleset()
    together = evaluate_many([(text, CONTEXT) for text in TEXTS], ruleset, model=model)
    alone = [evaluate(text, CONTEXT, ruleset, model=model) for text in TEXTS]
    assert [v.labels for v in together] == [v.labels for v in alone]
    for one, other in zip(together, alone, strict=True):
        assert one.scores == pytest.approx(other.scores, abs=2e-4)


def test_a_verdict_names_words_criterion_and_version(model: Model) -> None:
    text = TEXTS[0]
    verdict = evaluate(text, CONTEXT, carried_ruleset(), model=model)
    assert Criterion.UNLAWFUL in verdict.labels
    assert verdict.model_version == model.version
    told = [e for e in verdict.evidence if e.rule == "model" and e.criterion == Criterion.UNLAWFUL]
    assert told
    assert all("法令違反" in e.why and "確からしさ" in e.why for e in told)
    assert all(text[e.start : e.end] for e in told)


HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("ﾀﾋ\u200b\u202e\u0301ﾞ゙゚〇○氏ね死http://[.]@#「」\n\t\U0001f3f4"),
        st.characters(categories=["Cs"]),
    ),
    max_size=300,
)


@settings(max_examples=60, deadline=None)
@given(text=HOSTILE, name=HOSTILE, post=HOSTILE)
def test_no_text_breaks_it_and_every_span_lies_inside(text: str, name: str, post: str) -> None:
    context = Context(post, Author("1", name, "x"), (text[:50],))
    verdict = evaluate(text, context, carried_ruleset(), model=carried_model())
    assert not any("エラー" in problem for problem in verdict.problems)
    for piece in verdict.evidence:
        field = text if piece.field == "text" else name
        assert 0 <= piece.start <= piece.end <= len(field)


def test_every_subject_has_the_same_circumstances(model: Model) -> None:
    names = [tuple(situation(Subject(text, CONTEXT))) for text in TEXTS]
    assert set(names) == {model.space.names}
    assert all(0 <= v <= 1 for t in TEXTS for v in situation(Subject(t, CONTEXT)).values())


def test_nothing_is_read_off_nothing(model: Model) -> None:
    assert read_meaning([]).vectors.shape == (0, 512)
    assert model.opinions([]) == []


def test_the_thorough_scorer_is_asked_where_the_quick_one_is_in_doubt(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    encode = sentence.sentence_vectors

    def noting(texts: list[str]) -> object:
        asked.extend(texts)
        return encode(texts)

    def every_other(_scorer: Scorer, raw: Floats, _bars: Bars) -> Bools:
        return np.array([place % 2 == 0 for place in range(len(raw))])

    monkeypatch.setattr(features, "sentence_vectors", noting)
    monkeypatch.setattr(Scorer, "doubts", every_other)
    subjects = [Subject(text, CONTEXT) for text in TEXTS]
    opinions = model.opinions(subjects)
    assert asked == TEXTS[::2]
    assert [opinion.thorough for opinion in opinions] == [True, False, True, False, True]
    assert [model.scorer(one) is model.thorough for one in opinions[:2]] == [True, False]
    with_all = model.opinions_on(read(subjects), read_meaning(subjects))
    for one, other in zip(with_all, opinions, strict=True):
        assert one.thorough == other.thorough
        assert one.scores == pytest.approx(other.scores, abs=1e-4)


# The gate opens at 0; the raw score of a key is its log-odds.
FAR = -9.0
SCORER = Scorer(
    np.zeros((0, len(COLUMNS)), dtype=np.float32),
    np.zeros((0, len(COLUMNS)), dtype=np.float32),
    np.zeros(len(COLUMNS), dtype=np.float32),
    dict.fromkeys(KEYS, Calibration(1.0, 0.0, 0.5)),
    Gate((0.0, 1.0, 0.0), 0.0),
)


@pytest.mark.parametrize(
    ("key", "raw", "doubtful"),
    [
        (Criterion.UNLAWFUL, NEAR + 0.5, False),  # surely this ground
        (Criterion.UNLAWFUL, NEAR - 0.5, True),  # perhaps
        (Criterion.UNLAWFUL, SHUT - 0.5, False),  # surely none: the gate is shut
        (Signal.DISTRESS, -DISTRESS_BELOW + 0.1, True),
        (Signal.DISTRESS, -DISTRESS_BELOW - 0.1, False),
        (Signal.DISTRESS, DISTRESS_ABOVE - 0.1, True),
        (Signal.DISTRESS, DISTRESS_ABOVE + 0.1, False),
    ],
)
def test_a_scorer_is_in_doubt_near_where_something_applies(
    key: str, raw: float, doubtful: bool
) -> None:
    assert in_doubt(key, raw) is doubtful


def test_doubt_is_near_the_thresholds_of_the_one_who_asks() -> None:
    high = Bars({Criterion.UNLAWFUL: 0.95, Signal.DISTRESS: 0.2})
    assert in_doubt(Criterion.UNLAWFUL, 3.0, high)  # 0.95 is a log-odds of 2.9
    assert not in_doubt(Criterion.UNLAWFUL, 1.0, high)
    assert in_doubt(Signal.DISTRESS, -2.0, high)  # 0.2 is one of -1.4
    low = Bars({Criterion.UNLAWFUL: 0.04})
    assert in_doubt(Criterion.UNLAWFUL, SHUT - 0.5, low)  # it applies behind the shut gate


def test_what_may_be_hidden_without_a_person_is_never_judged_quickly() -> None:
    assert not in_doubt(Criterion.UNLAWFUL, 8.0)
    assert in_doubt(Criterion.UNLAWFUL, 8.0, Bars(certain=frozenset({Criterion.UNLAWFUL})))


def in_doubt(key: str, raw: float, bars: Bars = DEFAULT_BARS) -> bool:
    row = np.full((1, len(COLUMNS)), FAR, dtype=np.float32)
    row[0, KEYS.index(key)] = raw
    return bool(SCORER.doubts(row, bars)[0])


def test_the_rule_set_says_what_is_asked_for() -> None:
    settings_of = [SettingSpec("ク", 0.8, hold_enabled=True)]
    bars = _bars(compile_ruleset(1, settings_of, []))
    assert bars.certain == {"ク"}
    assert (bars.thresholds["ク"], bars.thresholds["distress"]) == (0.8, 0.5)

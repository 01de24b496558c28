"""`python -m tests.benchmarks.judgement [--hostile N]`: the judgement beside two baselines, and its cost.

No database. Prints Markdown: comments a second on one core as ratios in one run, by a model that
has read none of them (a comment that was learned from is seldom doubtful, and so cheaper); the
cost of more terms, memory, what a hostile corpus does; and quality on writers not read (ours,
characters with logistic regression, HojiChar's three Japanese word lists). Takes about an hour.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jspm_social.settings")

import django  # noqa: E402

django.setup()

import numpy as np  # noqa: E402 -- one thread, said before numpy starts its own

from policy.carried import (  # noqa: E402
    carried_model,
    carried_rules,
    carried_ruleset,
    carried_settings,
    read_model,
)
from policy.classifiers.crossval import leave_one_out  # noqa: E402
from policy.classifiers.model import Model  # noqa: E402
from policy.classifiers.training import read_examples  # noqa: E402
from policy.command_line import RecordReader  # noqa: E402
from policy.criteria import Criterion  # noqa: E402
from policy.data import ASIDE, CARRIED, SEED, WRITTEN  # noqa: E402
from policy.engine import Context, evaluate, evaluate_many  # noqa: E402
from policy.evaluation import evaluate_verdicts  # noqa: E402
from policy.metrics import auroc, average_precision, count  # noqa: E402
from policy.phases.subject import Subject  # noqa: E402
from policy.records import Record, in_context  # noqa: E402
from policy.ruleset import TERM, RuleSpec, compile_ruleset  # noqa: E402
from tests.benchmarks.hostile import hostile_texts  # noqa: E402

BATCH, TIMED = 100, 2_000
Case = tuple[str, Context]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.judgement")
    parser.add_argument("--hostile", type=int, default=100_000, help="strings in the corpus")
    parser.add_argument("--skip-quality", action="store_true")
    options = parser.parse_args()
    reader = RecordReader(sys.stderr)
    files = [(str(path), list(reader.read(str(path)))) for path in CARRIED]
    _speed([record for _, part in files[: len(SEED)] for record in part])
    _hostile(options.hostile)
    if not options.skip_quality:
        _quality(files)
    return 0


def _quality(files: list[tuple[str, list[Record]]]) -> None:
    print(
        "\n| leave one writer out | macro-F1 | macro-AP | any ground: AUROC | precision | recall |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    pairs = [
        pair
        for _, part in leave_one_out(
            read_examples(files),
            carried_ruleset(),
            asides=frozenset(map(str, ASIDE)),
            unmeasured=frozenset(map(str, WRITTEN)),
        )
        for pair in part
    ]
    ours = evaluate_verdicts(pairs)
    found = ours.any_violation
    _row("this judgement", ours.macro.f1, ours.macro.average_precision, ours.any_violation_auroc,
         found.precision, found.recall)  # fmt: skip
    _row("characters, logistic regression", *_characters(files))
    seed = [record for _, part in files[: len(SEED)] for record in part]
    said = [_listed(record.text) for record in seed]
    counts = count([bool(record.labels) for record in seed], said)
    _row("HojiChar's word lists", None, None, None, counts.precision, counts.recall)


def _row(name: str, *figures: float | None) -> None:
    print(f"| {name} | " + " | ".join("–" if f is None else f"{f:.3f}" for f in figures) + " |")


def _characters(files: list[tuple[str, list[Record]]]) -> list[float | None]:
    """TF-IDF of one to four characters, one logistic regression per ground, cut at 0.5."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    truths, scores = [], []
    for name, tested in files[: len(SEED)]:
        learned = [record for other, part in files if other != name for record in part]
        space = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=2, sublinear_tf=True)
        known = space.fit_transform([record.text for record in learned])
        asked = space.transform([record.text for record in tested])
        columns = []
        for key in Criterion.values:
            model = LogisticRegression(C=20.0, max_iter=300)
            model.fit(known, [key in (record.labels or ()) for record in learned])
            columns.append(model.predict_proba(asked)[:, 1])
        scores.append(np.stack(columns, axis=1))
        truths.append([[k in (r.labels or ()) for k in Criterion.values] for r in tested])
    truth, score = np.concatenate([np.array(t) for t in truths]), np.concatenate(scores)
    said = score >= 0.5
    rows = range(len(Criterion.values))
    f1 = [
        2 * (truth[:, c] & said[:, c]).sum() / (truth[:, c].sum() + said[:, c].sum()) for c in rows
    ]
    precisions = [average_precision(list(truth[:, c]), list(map(float, score[:, c]))) for c in rows]
    any_truth, any_said = [any(row) for row in truth], [any(row) for row in said]
    counts = count(any_truth, any_said)
    return [
        float(np.mean(f1)),
        float(np.mean([p for p in precisions if p is not None])),
        auroc(any_truth, list(map(float, score.max(axis=1)))),
        counts.precision,
        counts.recall,
    ]


def _word_lists() -> Callable[[str], bool]:
    from hojichar import document_filters
    from hojichar.core.models import Document

    filters = [
        document_filters.DiscardAdultContentJa(),
        document_filters.DiscardDiscriminationContentJa(),
        document_filters.DiscardViolenceContentJa(),
    ]

    def listed(text: str) -> bool:
        return any(one.apply(Document(text)).is_rejected for one in filters)

    return listed


_listed: Callable[[str], bool] = _word_lists()


def _speed(records: Sequence[Record]) -> None:
    chosen = list(np.random.default_rng(0).permutation(len(records))[:TIMED])
    contexts = in_context(records)
    cases = [(records[i].text, contexts[i]) for i in chosen]
    ruleset, model = carried_ruleset(), _unfamiliar()
    evaluate_many(cases[:BATCH], ruleset, model=model)  # what is loaded once
    lists = _per_comment(lambda: [_listed(text) for text, _ in cases], len(cases))
    rows = {
        "HojiChar's word lists": lists,
        f"rules alone, batches of {BATCH}": _batches(cases, ruleset, None),
        f"all phases and the model, batches of {BATCH}": _batches(cases, ruleset, model),
        "… one by one": _per_comment(
            lambda: [evaluate(*case, ruleset, model=model) for case in cases[:500]], 500
        ),
    }
    print("\n| one core, one run | ms a comment | comments a second | times the word lists |")
    print("| --- | --- | --- | --- |")
    for name, seconds in rows.items():
        print(f"| {name} | {seconds * 1e3:.2f} | {1 / seconds:,.0f} | {seconds / lists:.0f} |")
    few, many = (_batches(cases[:500], _with_terms(size), None) for size in (100, 10_000))
    print(f"\n10,000 more terms against 100 more: {many / few:.2f} times the time")
    thorough = [one.thorough for one in model.opinions([Subject(*case) for case in cases])]
    quiet = [i for i, n in enumerate(chosen) if not records[n].labels]
    print(
        f"The sentence encoder was asked about {np.mean(thorough):.0%} of them, and about "
        f"{np.mean([thorough[i] for i in quiet]):.0%} of those without a ground"
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"Memory of this process at its highest: {peak:,.0f} MB")


def _unfamiliar() -> Model:
    """A model of the written comments alone, made in a process of its own for its memory."""
    with tempfile.TemporaryDirectory() as folder:
        files = [str(path) for path in WRITTEN]
        command = [sys.executable, "manage.py", "train", *files, "--output", folder, "--force"]
        subprocess.run(command, check=True, stdout=sys.stderr)
        return read_model(Path(folder))


def _batches(cases: Sequence[Case], ruleset: object, model: object) -> float:
    def run() -> None:
        for first in range(0, len(cases), BATCH):
            evaluate_many(cases[first : first + BATCH], ruleset, model=model)  # type: ignore[arg-type]

    return _per_comment(run, len(cases))


def _per_comment(run: Callable[[], object], comments: int) -> float:
    """Seconds of this thread's processor time; the better of two runs."""
    times = []
    for _ in range(2):
        began = time.thread_time()
        run()
        times.append(time.thread_time() - began)
    return min(times) / comments


def _with_terms(size: int) -> object:
    terms = [
        RuleSpec(f"追加{n}", TERM, f"架空の語{n:05d}番", "キ", 0.1, "測定のため")
        for n in range(size)
    ]
    return compile_ruleset(1, (s.spec() for s in carried_settings()), [*carried_rules(), *terms])


def _hostile(size: int) -> None:
    ruleset, model = carried_ruleset(), carried_model()
    slowest, problems, outside, judged = 0.0, 0, 0, 0
    for text, context in hostile_texts(size):
        began = time.thread_time()
        verdict = evaluate(text, context, ruleset, model=model)
        slowest = max(slowest, time.thread_time() - began)
        judged += 1
        problems += any("エラー" in problem for problem in verdict.problems)
        for piece in verdict.evidence:
            field = text if piece.field == "text" else context.author.name
            outside += not 0 <= piece.start <= piece.end <= len(field)
    print(
        f"\nHostile corpus: {judged:,} strings, {problems} phases failed, {outside} offsets outside, "
        f"slowest {slowest * 1e3:.0f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())

"""Measure the judgement, or the learning, against labels given by people."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policy.carried import carried_ruleset
from policy.classifiers.crossval import Pair, confusions, leave_one_out
from policy.classifiers.training import read_examples
from policy.command_line import RecordReader, ruleset_to_judge_with
from policy.data import ASIDE, CARRIED, WRITTEN
from policy.evaluation import Evaluation, Row, Share, alarms, evaluate_verdicts
from policy.learned import model_in_use
from policy.records import judge_records

CURVE = (0.25, 0.5, 1.0)
MOST_CONFUSIONS = 15


class Command(BaseCommand):
    help = (
        "Print precision, recall, F1 and average precision per criterion and signal, their macro "
        "averages, and any-violation precision, recall and AUROC. History counts within a file. "
        "The carried model has learned from the carried comments: figures on those say nothing. "
        "With --cross-validate: how good the model is on a writer whom it has not read."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="JSON Lines with labels")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--cross-validate",
            action="store_true",
            help="leave out one file at a time, train on the others and measure on it; without "
            "FILE: on the comments that the project carries (a quarter of an hour)",
        )
        parser.add_argument(
            "--curve", action="store_true", help="with --cross-validate: the learning curve too"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        reader = RecordReader(self.stderr)  # type: ignore[arg-type]  # OutputWrapper writes text
        if options["cross_validate"]:
            self._cross_validate(reader, options)
        else:
            self._evaluate(reader, options)
        if reader.bad:
            raise CommandError(f"{reader.bad} line(s) could not be read")

    def _evaluate(self, reader: RecordReader, options: dict[str, Any]) -> None:
        if not options["files"]:
            raise CommandError("which files? (or --cross-validate)")
        ruleset = ruleset_to_judge_with(self.stderr)  # type: ignore[arg-type]  # the same
        model = model_in_use()
        pairs = [
            pair
            for name in options["files"]
            for pair in judge_records(reader.read(name), ruleset, model)
        ]
        result = evaluate_verdicts(pairs)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(result), ensure_ascii=False))
        else:
            self._table(result)

    def _cross_validate(self, reader: RecordReader, options: dict[str, Any]) -> None:
        names = options["files"] or [str(path) for path in CARRIED]
        examples = read_examples([(name, list(reader.read(name))) for name in names])
        for share in CURVE if options["curve"] else (1.0,):
            pairs: list[Pair] = []
            macros: list[str] = []
            runs = leave_one_out(
                examples,
                carried_ruleset(),
                asides=frozenset(map(str, ASIDE)),
                unmeasured=frozenset(map(str, WRITTEN)),
                share=share,
            )
            for name, part in runs:
                pairs += part
                macro = evaluate_verdicts(part).macro
                macros.append(
                    f"  {Path(name).stem}: macro-F1 {_figure(macro.f1).strip()}, "
                    f"average precision {_figure(macro.average_precision).strip()}"
                )
            self.stdout.write(f"\n{share:.0%} of the training comments, each file left out once:")
            self.stdout.write("\n".join(macros))
            self._table(evaluate_verdicts(pairs))
            self._harm(pairs)

    def _harm(self, pairs: list[Pair]) -> None:
        said = alarms(pairs)
        self.stdout.write(f"false alarms on comments without a ground: {_share(said.legitimate)}")
        self.stdout.write(f"  on those of them with alarming words: {_share(said.hard)}")
        self.stdout.write(f"  on criticism, consultation and distress: {_share(said.protected)}")
        for level, held in said.held:
            self.stdout.write(f"right among those with a score of {level} or more: {_share(held)}")
        self.stdout.write("what was meant → what was said instead (– is none), how often:")
        for one, other, count in confusions(pairs)[:MOST_CONFUSIONS]:
            self.stdout.write(f"  {one} → {other}  {count}")

    def _table(self, result: Evaluation) -> None:
        self.stdout.write(f"{result.comments} comments")
        self.stdout.write("            precision  recall      F1  avg.prec.  support")
        for row in (*result.criteria, result.macro, result.any_violation, *result.signals):
            self._row(row)
        self.stdout.write(f"any violation, AUROC {_figure(result.any_violation_auroc).strip()}")

    def _row(self, row: Row) -> None:
        wide = sum(1 if char.isascii() else 2 for char in row.key)
        figures = (row.precision, row.recall, row.f1, row.average_precision)
        cells = "  ".join(_figure(figure) for figure in figures)
        self.stdout.write(f"{row.key}{' ' * (13 - wide)}{cells}  {row.support:7}")


def _share(share: Share) -> str:
    return f"{share.part} of {share.whole} ({share.part / max(share.whole, 1):.1%})"


def _figure(value: float | None) -> str:
    return f"{'–':>7}" if value is None else f"{value:7.3f}"

"""Measure the judgement against labels given by people."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policy.command_line import RecordReader, ruleset_to_judge_with
from policy.evaluation import Evaluation, Row, evaluate_verdicts
from policy.records import judge_records


class Command(BaseCommand):
    help = (
        "Print precision, recall, F1 and average precision per criterion and signal, their macro "
        "averages, and any-violation precision, recall and AUROC. History counts within a file."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="JSON Lines with labels")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        reader = RecordReader(self.stderr)  # type: ignore[arg-type]  # OutputWrapper writes text
        ruleset = ruleset_to_judge_with(self.stderr)  # type: ignore[arg-type]  # the same
        pairs = [
            pair for name in options["files"] for pair in judge_records(reader.read(name), ruleset)
        ]
        result = evaluate_verdicts(pairs)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(result), ensure_ascii=False))
        else:
            self._table(result)
        if reader.bad:
            raise CommandError(f"{reader.bad} line(s) could not be read")

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


def _figure(value: float | None) -> str:
    return f"{'–':>7}" if value is None else f"{value:7.3f}"

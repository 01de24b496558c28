"""Judge comments from a file, without storing anything."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policy.command_line import RecordReader, ruleset_to_judge_with
from policy.learned import model_in_use
from policy.records import judge_records, verdict_as_json


class Command(BaseCommand):
    help = (
        "Judge comments in the labelled format (labels are ignored) and print one JSON object "
        "per comment, in the order of the input. Bad lines are named on standard error; the "
        "others are still judged."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="JSON Lines, or - for standard input")

    def handle(self, *_args: Any, **options: Any) -> None:
        reader = RecordReader(self.stderr)  # type: ignore[arg-type]  # OutputWrapper writes text
        ruleset = ruleset_to_judge_with(self.stderr)  # type: ignore[arg-type]  # the same
        for record, verdict in judge_records(reader.read(options["file"]), ruleset, model_in_use()):
            # A lone surrogate in an id cannot be written as UTF-8.
            line = json.dumps(verdict_as_json(record, verdict), ensure_ascii=False)
            self.stdout.write(line.encode("utf-8", "backslashreplace").decode())
        if reader.bad:
            raise CommandError(f"{reader.bad} line(s) could not be read")

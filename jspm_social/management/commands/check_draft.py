"""Check drafts from a file, without storing anything."""

import datetime as dt
import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError
from django.utils import timezone

from policy.carried import carried_ruleset
from posts import dictionary
from posts.checks import examine
from posts.checks.carried import carried_lexicon
from posts.checks.judgement import judgement
from posts.checks.lexicon import Lexicon
from posts.checks.records import BadDraft, as_json, read_draft


class Command(BaseCommand):
    help = (
        "Run the content checks J01 to J28 over drafts in JSON Lines and print one JSON object per "
        "draft, in the order of the input. A line that is no draft is answered with its number and "
        "an error; the others are still checked. The word lists are the committee's where their "
        "table is there, else the shipped ones; --shipped takes these in any case."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="JSON Lines, or - for standard input")
        parser.add_argument(
            "--today",
            type=dt.date.fromisoformat,
            metavar="DATE",
            help="the day to take for today, YYYY-MM-DD; drafts without a schedule go out then",
        )

        parser.add_argument(
            "--shipped", action="store_true", help="leave the committee's word lists aside"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        today = options["today"] or timezone.localdate()
        judge = judgement(carried_ruleset())
        lexicon = carried_lexicon() if options["shipped"] else self._lexicon()
        bad = 0
        for number, line in enumerate(_lines(options["file"]), start=1):
            if not line.strip():
                continue
            try:
                name, draft = read_draft(line.decode("utf-8-sig" if number == 1 else "utf-8"))
                answer = as_json(name, examine(draft, today=today, lexicon=lexicon, judge=judge))
            except (UnicodeDecodeError, BadDraft) as error:
                bad += 1
                why = str(error) if isinstance(error, BadDraft) else "not UTF-8"
                answer = {"id": None, "line": number, "error": why, "findings": []}
                self.stderr.write(f"{options['file']}:{number}: {why}")
            # A lone surrogate cannot be written as UTF-8.
            written = json.dumps(answer, ensure_ascii=False)
            self.stdout.write(written.encode("utf-8", "backslashreplace").decode())
        if bad:
            raise CommandError(f"{bad} line(s) could not be read")

    def _lexicon(self) -> Lexicon:
        """A machine on which nothing was set up has no table, and needs none."""
        try:
            return dictionary.lexicon()
        except (OperationalError, ProgrammingError):
            self.stderr.write("word lists: the shipped ones (no database)")
            return carried_lexicon()


def _lines(name: str) -> Iterator[bytes]:
    if name == "-":
        yield from sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            yield from file
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror or type(error).__name__}") from error

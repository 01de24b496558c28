"""What `manage.py classify` and `manage.py evaluate` share."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from django.db import Error

from policy.carried import carried_ruleset
from policy.queries import NoPolicy, compiled_active_ruleset
from policy.records import BadRecord, Record, read_record
from policy.ruleset import CompiledRuleSet


def ruleset_to_judge_with(errors: TextIO) -> CompiledRuleSet:
    """The active rule set, or the carried one where no database or no policy is at hand."""
    try:
        return compiled_active_ruleset()
    except (Error, NoPolicy) as error:
        errors.write(
            f"note: no active rule set in the database ({type(error).__name__}); "
            "judging with the carried rule set 1\n"
        )
        return carried_ruleset()


class RecordReader:
    """Reads files line by line; `bad` counts the lines (and files) that could not be read."""

    def __init__(self, errors: TextIO) -> None:
        self.errors = errors
        self.bad = 0

    def read(self, name: str) -> Iterator[Record]:
        """The good lines of a file, or of standard input for '-'."""
        try:
            yield from self._records(name, self._lines(name))
        except OSError as error:
            self._complain(name, error.strerror or type(error).__name__)

    def _lines(self, name: str) -> Iterable[bytes]:
        if name == "-":
            yield from sys.stdin.buffer
            return
        with Path(name).open("rb") as file:
            yield from file

    def _records(self, name: str, lines: Iterable[bytes]) -> Iterator[Record]:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield read_record(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            except UnicodeDecodeError:
                self._complain(f"{name}:{number}", "not UTF-8")
            except BadRecord as error:
                self._complain(f"{name}:{number}", str(error))

    def _complain(self, where: str, why: str) -> None:
        self.bad += 1
        self.errors.write(f"{where}: {why}\n")

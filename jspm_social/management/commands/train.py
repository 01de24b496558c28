"""Train the learned part of the judgement from labelled comments."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policy.classifiers.store import save
from policy.classifiers.training import read_examples, train
from policy.command_line import RecordReader
from policy.data import CARRIED, MODEL_DIR, WRITTEN


class Command(BaseCommand):
    help = (
        "Train the model from labelled files, one writer each, and save it. Without FILE: from the "
        "comments that the project carries. Takes a few minutes; the same comments give the same "
        "model. Measure with `evaluate --cross-validate`."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="JSON Lines with labels")
        parser.add_argument("--output", type=Path, default=MODEL_DIR, help="a folder")

    def handle(self, *_args: Any, **options: Any) -> None:
        reader = RecordReader(self.stderr)  # type: ignore[arg-type]  # OutputWrapper writes text
        names = options["files"] or [str(path) for path in CARRIED]
        files = [(name, list(reader.read(name))) for name in names]
        if reader.bad:
            raise CommandError(f"{reader.bad} line(s) could not be read; nothing was trained")
        model = train(read_examples(files), asides=frozenset(map(str, WRITTEN)))
        save(model, options["output"], figures={})
        counts = ", ".join(f"{Path(name).stem} {len(part)}" for name, part in files)
        self.stdout.write(f"model {model.version} from {counts}, saved in {options['output']}")

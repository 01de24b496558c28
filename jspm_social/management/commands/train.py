"""Train the learned part of the judgement from labelled comments, and from decisions."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from policy import learned, learning, retraining
from policy.carried import carried_ruleset
from policy.classifiers.model import Model
from policy.classifiers.store import save
from policy.classifiers.training import fit, read_examples
from policy.command_line import RecordReader, ruleset_to_judge_with
from policy.data import ASIDE, CARRIED, HERE, MODEL_DIR, WRITTEN
from policy.retraining import Decided, Files

ASIDES = frozenset(map(str, ASIDE))


class Command(BaseCommand):
    help = (
        "Train the model from labelled files, one writer each, and save it. Without FILE: from the "
        "comments that the project carries. Takes a few minutes; the same comments give the same "
        "model. With --with-decisions also from what the committee decided; workers use that model "
        "from their next start. A model that is worse than the one in use is not saved. Measure "
        "more closely with `evaluate --cross-validate`."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="JSON Lines with labels")
        parser.add_argument(
            "--with-decisions", action="store_true", help="add what people decided and labelled"
        )
        parser.add_argument(
            "--output",
            type=Path,
            help="a folder; without it the project's own, or MODEL_DIR with --with-decisions",
        )
        parser.add_argument("--force", action="store_true", help="save it even if it is worse")

    def handle(self, *_args: Any, **options: Any) -> None:
        home = self._home(options)
        carried = self._labelled(options["files"])
        decided = Decided([], [], 0)
        if options["with_decisions"]:
            decided = retraining.sort_out(learning.decided().by_channel(), carried)
            if not decided.files:
                raise CommandError("nobody has decided anything yet that could be learned from")
        files = [*carried, *decided.files]
        examples = read_examples(files)
        private = frozenset(name for name, _ in decided.files)
        fitted = fit(examples, asides=ASIDES, private=private)
        figures: dict[str, Any] = {
            "comments": {_short(name): len(part) for name, part in files},
            "held_out": len(decided.held_out),
            "doubles": decided.doubles,
            "writers_left_out": retraining.cross_validated(
                examples,
                fitted,
                carried_ruleset(),
                asides=ASIDES,
                counted=({name for name, _ in carried} - {*map(str, WRITTEN)}).__contains__,
            ).as_json(),
        }
        trouble = self._compare_unread(figures, seeds=not options["files"])
        if len(decided.held_out) >= retraining.LEAST_HELD_OUT:
            trouble = (trouble or []) + self._compare_decided(fitted.model, decided, figures)
        if trouble is None and options["with_decisions"]:
            trouble = [f"{len(decided.held_out)} decided comments held out: too few to compare by"]
        if trouble and not options["force"]:
            told = "\n  ".join(trouble)
            raise CommandError(
                f"worse than the model in use, or not known to be as good; not saved:\n  {told}\n"
                "(--force saves it all the same)"
            )
        folder = self._save(fitted.model, home, figures, options)
        self.stdout.write(
            f"model {fitted.model.version} from {sum(len(part) for _, part in files)} comments, "
            f"saved in {folder}"
        )

    def _home(self, options: dict[str, Any]) -> Path:
        home: Path | None = options["output"]
        if not options["with_decisions"]:
            return home or MODEL_DIR
        home = home or settings.MODEL_DIR
        if home is None:
            raise CommandError("say where such models are kept: MODEL_DIR, or --output")
        if home.resolve().is_relative_to(HERE):
            raise CommandError("words of the committee's comments do not belong in the project")
        return home

    def _labelled(self, names: list[str]) -> Files:
        reader = RecordReader(self.stderr)  # type: ignore[arg-type]  # OutputWrapper writes text
        names = names or [str(path) for path in CARRIED]
        files: Files = [(name, list(reader.read(name))) for name in names]
        if reader.bad:
            raise CommandError(f"{reader.bad} line(s) could not be read; nothing was trained")
        return files

    def _compare_unread(self, figures: dict[str, Any], *, seeds: bool) -> list[str] | None:
        """Print the figures on writers left out, and return in what they are worse than so far.

        None where the model in use has no such figures, or those of other comments.
        """
        new = figures["writers_left_out"]
        self.stdout.write(f"each writer left out once: {retraining.in_words(new)}")
        card = learned.card(learned.folder_in_use())
        old = card.figures.get("writers_left_out") if card and seeds else None
        if not old:
            return None
        self.stdout.write(f"  the model in use: {retraining.in_words(old)}")
        return retraining.worse(new, old)

    def _compare_decided(
        self, model: Model, decided: Decided, figures: dict[str, Any]
    ) -> list[str]:
        """The same on decided comments that neither model has learned from."""
        held = decided.held_out
        ruleset = ruleset_to_judge_with(self.stderr)  # type: ignore[arg-type]  # the same
        new = retraining.judged(held, ruleset, model).as_json()
        old = retraining.judged(held, ruleset, learned.model_in_use()).as_json()
        self.stdout.write(f"decided, never learned from: {retraining.in_words(new)}")
        self.stdout.write(f"  the model in use: {retraining.in_words(old)}")
        figures["decided_held_out"], figures["decided_held_out_before"] = new, old
        return retraining.worse(new, old)

    def _save(
        self, model: Model, home: Path, figures: dict[str, Any], options: dict[str, Any]
    ) -> Path:
        if options["with_decisions"]:
            figures["made_at"] = timezone.now().isoformat(timespec="seconds")
            return learned.keep(model, home, figures=figures)
        save(model, home, figures=figures)
        return home


def _short(name: str) -> str:
    return name if name.startswith("channel:") else Path(name).stem

"""Import comments from files; they are stored and judged like those that were pulled."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jspm_social.platforms.names import Platform
from moderation.importing import BadRecord, read, store
from moderation.services.triage import judge_pending


class Command(BaseCommand):
    help = "Import comments (JSON Lines in the labelled format, or CSV). Repeating adds nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", type=Path, nargs="+")
        parser.add_argument(
            "--platform", choices=Platform.values, nargs="*", help="only these platforms"
        )

    def handle(self, **options: Any) -> None:
        wanted = set(options["platform"] or Platform.values)
        try:
            found = [item for path in options["files"] for item in read(path) if item[0] in wanted]
        except (BadRecord, OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{error} (nothing was imported)") from error
        for platform, new in store(found).items():
            self.stdout.write(f"{platform.label}: {new} new or edited")
        judge_pending(limit=max(1000, len(found)))

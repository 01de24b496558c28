"""Import comments from files; they are stored and judged like those that were pulled."""

from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jspm_social.platforms.connect import imported_channel
from jspm_social.platforms.contract import RemoteComment
from jspm_social.platforms.names import Platform
from moderation.importing import BadRecord, read
from moderation.services.intake import store_page
from moderation.services.triage import judge_pending

BATCH = 200


class Command(BaseCommand):
    help = "Import comments (JSON Lines in the labelled format, or CSV). Repeating adds nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", type=Path, nargs="+")
        parser.add_argument(
            "--platform", choices=Platform.values, nargs="*", help="only these platforms"
        )

    def handle(self, **options: Any) -> None:
        wanted = set(options["platform"] or Platform.values)
        found: dict[Platform, list[RemoteComment]] = defaultdict(list)
        try:
            for path in options["files"]:
                for platform, comment in read(path):
                    if platform in wanted:
                        found[platform].append(comment)
        except (BadRecord, OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{error} (nothing was imported)") from error
        for platform, comments in found.items():
            new = _store(platform, comments)
            self.stdout.write(f"{platform.label}: {len(comments)} read, {new} new or edited")
        judge_pending(limit=max(1000, sum(map(len, found.values()))))


def _store(platform: Platform, comments: list[RemoteComment]) -> int:
    channel, new = imported_channel(platform), 0
    for start in range(0, len(comments), BATCH):
        stored = store_page(channel=channel, comments=comments[start : start + BATCH])
        new += len(stored.to_judge)
    return new

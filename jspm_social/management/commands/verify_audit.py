"""Prove that the audit trail is whole."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from jspm_social.audit.verify import Broken, verify


class Command(BaseCommand):
    help = (
        "Walk the audit trail from its first event. Prints the count and the last hash, or names "
        "the first broken row and exits with 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--expect-last",
            metavar="HASH",
            default="",
            help="a last hash noted earlier; it must still be in the chain, or its end was removed",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        with transaction.atomic():
            result = verify(options["expect_last"])
        if isinstance(result, Broken):
            raise CommandError(f"audit trail broken at event {result.id}: {result.reason}")
        self.stdout.write(f"OK {result.count} events, last hash {result.last_hash}")

"""Put policy version 1 and rule set 1, which the project carries, into the database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policy.services import DifferentVersionOne, load_version_1


class Command(BaseCommand):
    help = "Load policy version 1 and rule set 1. Safe to repeat."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            version = load_version_1()
        except DifferentVersionOne as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{version.title} {version}")

"""One demo user per role, a second moderator and a second admin."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from jspm_social.accounts.demo import create_demo_users


class Command(BaseCommand):
    help = "Create the demo users and print names and passwords; only with DEMO=true."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            people = create_demo_users()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        for person in people:
            self.stdout.write(f"{person.role.label}\t{person.username}\t{person.password}")

"""Register a person from the command line; above all the first administrator."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from jspm_social.accounts.roles import Role
from jspm_social.accounts.services import create_user
from jspm_social.accounts.terminal import ask_password


class Command(BaseCommand):
    help = "Register a person. The password is asked for, or read from a pipe's first line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the name shown, for example 山田 花子")
        parser.add_argument("--reading", default="", help="in kana; people are sorted by it")
        parser.add_argument("--email", default="")
        parser.add_argument("--role", action="append", default=[], choices=Role.values)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            user = create_user(
                actor=None,
                username=options["username"],
                display_name=options["name"],
                reading=options["reading"],
                email=options["email"],
                roles=options["role"],
                password=ask_password(),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{user.username}: {'・'.join(user.role_labels) or '役割なし'}")

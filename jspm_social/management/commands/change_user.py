"""Change a person's rights or password from the command line, or end their access."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.accounts.services import deactivate, set_password, set_roles
from jspm_social.accounts.terminal import ask_password


class Command(BaseCommand):
    help = "Change a person's roles or password, or end their access. All of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--role", action="append", choices=Role.values, help="exactly these roles from now on"
        )
        parser.add_argument(
            "--password", action="store_true", help="asked for, or read from a pipe's first line"
        )
        parser.add_argument("--deactivate", metavar="REASON", help="end their access; says why")

    def handle(self, *_args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"利用者「{options['username']}」は登録されていません。")
        if not (options["role"] or options["password"] or options["deactivate"]):
            raise CommandError("--role、--password、--deactivate のどれかを指定してください。")
        password = ask_password() if options["password"] else ""
        try:
            user = _change(user, options["role"], password, options["deactivate"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        ended = "" if user.is_active else "（停止）"
        self.stdout.write(f"{user.username}: {'・'.join(user.role_labels) or '役割なし'}{ended}")


@transaction.atomic
def _change(user: User, roles: list[str] | None, password: str, reason: str | None) -> User:
    if roles:
        user = set_roles(actor=None, user=user, roles=roles)
    if password:
        user = set_password(actor=None, user=user, password=password)
    if reason:
        user = deactivate(actor=None, user=user, reason=reason)
    return user

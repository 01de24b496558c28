"""Connect an official account, non-interactively."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jspm_social.platforms.connect import NotConnected, connect_channel
from jspm_social.platforms.errors import PlatformError
from jspm_social.platforms.names import Platform


class Command(BaseCommand):
    help = "Connect an account. The connection is tried first; nothing is changed on the platform."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--platform", choices=Platform.values, required=True)
        parser.add_argument("--name", required=True, help="what the console calls the account")
        parser.add_argument("--base-url", default="", help="another server than the platform's own")
        parser.add_argument(
            "--credentials", type=Path, required=True, help="JSON file with the account's tokens"
        )

    def handle(self, **options: Any) -> None:
        channel = _connect(options)
        self.stdout.write(f"{channel}: {channel.account_name} ({channel.account_id})")


def _connect(options: dict[str, Any]) -> Any:
    try:
        secrets = json.loads(options["credentials"].read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{options['credentials']}: {error}") from error
    if not isinstance(secrets, dict):
        raise CommandError(f"{options['credentials']}: not a JSON object")
    try:
        return connect_channel(
            actor=None,
            platform=Platform(options["platform"]),
            name=options["name"],
            secrets={str(key): str(value) for key, value in secrets.items()},
            base_url=options["base_url"],
        )
    except NotConnected as error:
        raise CommandError(str(error)) from error
    except PlatformError as error:
        raise CommandError(f"接続できませんでした（{type(error).__name__}: {error}）") from error

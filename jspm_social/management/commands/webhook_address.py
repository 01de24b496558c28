"""Show what is copied into a platform's console so that it tells us of what happens."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jspm_social.management.channel_command import find_channel
from jspm_social.platforms.webhooks import address_of


class Command(BaseCommand):
    help = "Print a channel's webhook address, and the verify token where the platform asks for it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("channel", help="the channel's name or number")

    def handle(self, **options: Any) -> None:
        channel = find_channel(options["channel"])
        address = address_of(channel)
        if address is None:
            raise CommandError(f"{channel.get_platform_display()}には、Webhookがありません。")
        self.stdout.write(address.url)
        if address.verify_token:
            self.stdout.write(f"verify token: {address.verify_token}")
        if not address.ready:
            self.stderr.write("署名を確かめる鍵がまだないため、このアドレスは応答しません。")

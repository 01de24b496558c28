"""What the commands about one account share."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from jspm_social.platforms.models import Channel
from jspm_social.platforms.pausing import NotChanged
from jspm_social.transitions import StaleState


class ChannelCommand(BaseCommand):
    """Does `change` to the channel named on the command line."""

    change: ClassVar[Callable[..., None]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("channel", help="the channel's name or number")

    def handle(self, **options: Any) -> None:
        channel = find_channel(options["channel"])
        try:
            type(self).change(actor=None, channel=channel)
        except NotChanged as error:
            raise CommandError(str(error)) from error
        except StaleState as error:
            raise CommandError("ほかの処理が先に状態を変えました。") from error
        self.stdout.write(f"{channel}: {channel.get_state_display()}")


def find_channel(wanted: str) -> Channel:
    found = Channel.objects.filter(name=wanted).first()
    if found is None and wanted.isdecimal():
        found = Channel.objects.filter(pk=int(wanted)).first()
    if found is None:
        raise CommandError(f"no channel {wanted!r}")
    return found

"""Read the channels now, in this process."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jspm_social.platforms.models import Channel
from jspm_social.platforms.states import ChannelState
from moderation.services.pull import pull
from moderation.services.triage import judge_pending


class Command(BaseCommand):
    help = "Pull and judge everything new on all active channels, or on one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--channel", help="the channel's name or number")

    def handle(self, **options: Any) -> None:
        for channel in _channels(options["channel"]):
            changed = pull(channel=channel)
            channel.refresh_from_db()
            state = channel.trouble or channel.get_state_display()
            self.stdout.write(f"{channel}: {changed} new or edited ({state})")
        judge_pending()


def _channels(wanted: str | None) -> list[Channel]:
    if wanted is None:
        return list(Channel.objects.filter(state=ChannelState.ACTIVE))
    rows = Channel.objects.filter(name=wanted)
    if not rows and wanted.isdecimal():
        rows = Channel.objects.filter(pk=int(wanted))
    if not rows:
        raise CommandError(f"no channel {wanted!r}")
    return list(rows)

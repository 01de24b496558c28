"""Leave an account alone for a while."""

from jspm_social.management.channel_command import ChannelCommand
from jspm_social.platforms.pausing import pause_channel


class Command(ChannelCommand):
    help = "Neither read an account nor send to it, until resume_channel."
    change = staticmethod(pause_channel)

"""End an account's pause."""

from jspm_social.management.channel_command import ChannelCommand
from jspm_social.platforms.pausing import resume_channel


class Command(ChannelCommand):
    help = "Read an account and send to it again after pause_channel."
    change = staticmethod(resume_channel)

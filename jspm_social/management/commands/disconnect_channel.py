"""Leave an account alone for good."""

from jspm_social.management.channel_command import ChannelCommand
from jspm_social.platforms.pausing import disconnect_channel


class Command(ChannelCommand):
    help = "Erase an account's secrets; what was read stays (connect_channel connects it again)."
    change = staticmethod(disconnect_channel)

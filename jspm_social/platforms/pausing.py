"""Leaving an account alone for a while, or for good: what a person may do besides connecting."""

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.transitions import move

from .models import Channel, Credential
from .states import CHANNEL_MOVES, ChannelState


class NotChanged(Exception):
    """The account stays as it is; `str()` says why, in Japanese."""


def pause_channel(*, actor: User | None, channel: Channel, reason: str = "") -> None:
    """Neither read the account nor send to it until it is resumed. What is due waits.

    The reason stands at the account until then, and in the audit trail.
    """
    _change(actor, channel, ChannelState.PAUSED, reason)


def resume_channel(*, actor: User | None, channel: Channel) -> None:
    """End a pause. Raises NotChanged for any other state: there `connect_channel` is needed."""
    if channel.state != ChannelState.PAUSED:
        raise NotChanged(
            f"{channel}は「{channel.get_state_display()}」です。再開できるのは一時停止中だけです。"
        )
    _change(actor, channel, ChannelState.ACTIVE)


def disconnect_channel(*, actor: User | None, channel: Channel) -> None:
    """Forget the account's secrets and never speak with it again, unless it is connected anew.

    What was read stays. An effect that is still due fails, so that a person does it by hand.
    """
    _change(actor, channel, ChannelState.DISCONNECTED)


@one_write()
def _change(actor: User | None, channel: Channel, to: ChannelState, reason: str = "") -> None:
    if to not in CHANNEL_MOVES[channel.state]:
        raise NotChanged(f"{channel}はいま「{channel.get_state_display()}」です。")
    move(channel, table=CHANNEL_MOVES, to=to, pause_reason=reason)
    if to == ChannelState.DISCONNECTED:
        Credential.objects.filter(channel=channel).delete()
    record(
        actor=actor,
        verb=Verb.CHANNEL_STATE,
        target=channel,
        channel=channel.pk,
        details={"state": channel.state},
        personal={"reason": reason} if reason else None,
    )

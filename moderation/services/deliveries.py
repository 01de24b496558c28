"""Taking in what a webhook told: the worker's way from a delivery to stored and judged rows."""

import logging
from traceback import format_tb

from django.utils import timezone

from jspm_social.audit.services import one_write
from jspm_social.jobs import wake
from jspm_social.platforms.health import describe, may_be_read, note_success
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.webhooks import inbox
from moderation.services.told import Told, store_chats, store_told
from moderation.services.triage import judge_comments

log = logging.getLogger(__name__)


def take(*, delivery_id: int) -> None:
    """Take one delivery in. Does nothing when it is not due, taken, or another worker has it.

    Stored in one transaction, judged in another: a process that dies between them leaves rows
    that the next look for unjudged comments finds. The log tells where an error arose, not its
    message, which may quote a comment.
    """
    if not inbox.claim(delivery_id):
        return
    try:
        told, channel = _store(delivery_id)
    except Exception as error:  # noqa: BLE001 -- tried again later, and told when it never works
        _say("store", delivery_id, error)
        inbox.put_back(delivery_id=delivery_id, error=error)
        return
    if channel is None:
        return
    if told.read_channel:
        wake_pull(channel)
    try:
        judge_comments(comment_ids=told.stored.to_judge)
    except Exception as error:  # noqa: BLE001 -- what stays unjudged is found and goes to a person
        _say("judge", delivery_id, error)


@one_write()
def _store(delivery_id: int) -> tuple[Told, Channel | None]:
    delivery = inbox.locked(delivery_id)
    if delivery is None:
        return Told(), None
    channel, news = delivery.channel, inbox.news_of(delivery)
    inbox.done(delivery)
    if channel.platform == Platform.LINE:
        inbox.forget_messages(channel, set(news.unsent))
        told = store_chats(channel=channel, messages=news.comments, unsent=news.unsent)
        note_success(channel=channel)  # nothing else tells that a chat channel is alive
    else:
        told = store_told(channel=channel, comments=news.comments, gone=news.gone)
    told.read_channel = told.read_channel or news.read_channel
    return told, channel


def wake_pull(channel: Channel) -> None:
    """Ask a worker to read the channel, unless it must be left alone for a while."""
    if may_be_read(channel, timezone.now()):
        wake("moderation.jobs.pull", channel.pk, queue="intake")


def _say(step: str, delivery_id: int, error: Exception) -> None:
    where = "".join(format_tb(error.__traceback__))
    log.error("%s of delivery %s: %s\n%s", step, delivery_id, describe(error), where)

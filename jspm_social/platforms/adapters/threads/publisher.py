"""Threads: text, a link, pictures, films, a poll. Everything goes by way of a container.

Threads fetches pictures and films from a public address; it takes no bytes. Who may reply stays as
the account has it: `reply_control` is never sent. At most 250 posts and 100 deletions in 24 hours.
"""

import json
import re
from datetime import datetime, timedelta

from jspm_social.platforms.adapters.meta.containers import (
    ContainerPublisher,
    Form,
    Plan,
    Wire,
)
from jspm_social.platforms.adapters.meta.graph import Graph
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.outgoing import (
    MB,
    check_length,
    fits,
    offered,
    public_url,
    videos,
    within,
)
from jspm_social.platforms.contract import ChannelAccess, Receipt
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import (
    Media,
    MediaKind,
    Poll,
    Progress,
    Published,
    PublishRequest,
)

from .client import ORIGIN, REPOST, VERSION

MOST_MEDIA = 20
MOST_LINKS = 5
MOST_ALT, MOST_OPTION = 1000, 25
POLL_RUNS = timedelta(hours=24)  # of every poll on Threads
OPTIONS = ("option_a", "option_b", "option_c", "option_d")
LINK = re.compile(r"https?://[^\s<>「」、。）)]+")
WIRE = Wire(
    name="Threads",
    create="/me/threads",
    publish="/me/threads_publish",
    own="/me/threads",
    limit="/me/threads_publishing_limit",
    stage="status",
    reason="error_message",
    words="text",
    passed_over=frozenset({REPOST}),
)


class ThreadsPublisher:
    """One account's way out. Implements Publisher."""

    repeatable = False

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        graph = Graph(access, name=WIRE.name, origin=ORIGIN, version=VERSION)
        self._containers = ContainerPublisher(graph, WIRE)

    def publish(self, request: PublishRequest, progress: Progress) -> Published:
        return self._containers.publish(plan_of(request), request, progress)

    def find(
        self, request: PublishRequest, progress: Progress, *, since: datetime
    ) -> Published | None:
        return self._containers.find(request, progress, since=since)

    def read(self, remote_id: str) -> Published:
        return self._containers.read(remote_id)

    def withdraw(self, remote_id: str) -> Receipt:
        return self._containers.withdraw(remote_id)


def plan_of(request: PublishRequest) -> Plan:
    """Return the containers a request takes. Pure.

    Raises Unsupported and Rejected for what Threads cannot show as it was approved.
    """
    offered(not request.title, "Threadsの投稿に題名はありません")
    check_length(Platform.THREADS, request.text)
    links = {*LINK.findall(request.text), *([request.card.url] if request.card else [])}
    within(len(links) <= MOST_LINKS, f"Threadsのリンクは{MOST_LINKS}つまでです")
    words = {"text": request.text} if request.text.strip() else {}
    if not request.media:
        return Plan({"media_type": "TEXT", **words, **_text_extras(request)})
    offered(not request.card, "Threadsでは、画像・動画とリンクのカードを一緒に出せません")
    offered(not request.poll, "Threadsでは、画像・動画と投票を一緒に出せません")
    within(len(request.media) <= MOST_MEDIA, f"Threadsの画像・動画は{MOST_MEDIA}個までです")
    slow = bool(videos(request))
    parts = tuple(_medium(media) for media in request.media)
    if len(parts) == 1:
        return Plan({**parts[0], **words}, slow=slow)
    parts = tuple({**part, "is_carousel_item": "true"} for part in parts)
    return Plan({"media_type": "CAROUSEL", **words}, parts, slow=slow)


def _text_extras(request: PublishRequest) -> Form:
    within(request.text.strip(), "Threadsに空の投稿はできません")
    offered(
        not (request.card and request.poll), "Threadsでは、リンクのカードと投票を一緒に出せません"
    )
    if request.card:
        return {"link_attachment": request.card.url}
    return _poll(request.poll) if request.poll else {}


def _poll(poll: Poll) -> Form:
    within(2 <= len(poll.options) <= len(OPTIONS), "Threadsの投票の選択肢は2つから4つです")
    right = all(o.strip() and len(o) <= MOST_OPTION for o in poll.options)
    within(right, f"Threadsの投票の選択肢は、それぞれ1〜{MOST_OPTION}文字です")
    within(poll.runs == POLL_RUNS, "Threadsの投票の期間は24時間と決まっています")
    named = dict(zip(OPTIONS, poll.options, strict=False))
    return {"poll_attachment": json.dumps(named, ensure_ascii=False)}


def _medium(media: Media) -> Form:
    within(len(media.alt) <= MOST_ALT, f"Threadsの代替テキストは{MOST_ALT}文字までです")
    alt = {"alt_text": media.alt} if media.alt else {}
    address = public_url(media, "Threads")
    if media.kind is MediaKind.IMAGE:
        fits(media, mimes={"image/jpeg", "image/png"}, most=8 * MB, name="Threads")
        return {"media_type": "IMAGE", "image_url": address, **alt}
    fits(media, mimes={"video/mp4", "video/quicktime"}, most=1000 * MB, name="Threads")
    return {"media_type": "VIDEO", "video_url": address, **alt}

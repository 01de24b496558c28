"""Our own videos on YouTube: the list of the newest, and their counts, fifty at a time.

Facts: counts are written as strings; likeCount is left out while the channel hides it, and
commentCount while comments are off. The list of uploads holds private videos as well, which
nobody reads: only public ones are told. Everything costs one unit a request.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.outgoing import too_old
from jspm_social.platforms.adapters.reading import count, instant, obj, objs, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.own_posts import Counts
from jspm_social.platforms.publishing import Published

from . import posting
from .wire import Wire

BATCH = 50


class YouTubeOwnPosts:
    """One channel's own videos. Implements OwnPosts."""

    at_once = BATCH

    def __init__(self, access: ChannelAccess, save_secrets: SaveSecrets) -> None:
        self._wire = Wire(access, save_secrets)

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Counts]:
        """See OwnPosts. YouTube counts no shares."""
        told = {text(v, "id"): counts_of(v) for v in self._videos(remote_ids, "id,statistics")}
        return {i: told[i] for i in remote_ids if i in told}

    def recent(self, since: datetime) -> Iterator[Published]:
        """See OwnPosts."""
        ids = [text(obj(item.get("contentDetails")), "videoId") for item in self._young(since)]
        for start in range(0, len(ids), BATCH):
            found = self._videos(ids[start : start + BATCH], "id,snippet,status")
            yield from (posting.published(video) for video in found if posting.is_public(video))

    def _young(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        for item in own_uploads(self._wire):
            if too_old(instant(obj(item.get("snippet")).get("publishedAt")), since):
                return
            yield item

    def _videos(self, ids: Sequence[str], part: str) -> list[dict[str, Any]]:
        params = {"part": part, "id": ",".join(ids)}
        return objs(self._wire.get("/videos", params).get("items"))


def counts_of(video: Mapping[str, Any]) -> Counts:
    """Return the counts of a video. Pure."""
    told = obj(video.get("statistics"))
    return Counts(
        likes=count(told, "likeCount"),
        comments=count(told, "commentCount"),
        views=count(told, "viewCount"),
    )


def own_uploads(wire: Wire) -> Iterator[Mapping[str, Any]]:
    """List our own videos, the newest first; unseen ones are among them."""
    channel = wire.get("/channels", {"part": "contentDetails", "mine": "true"})
    details = obj(next(iter(objs(channel.get("items"))), {}).get("contentDetails"))
    uploads = text(obj(details.get("relatedPlaylists")), "uploads")
    params = {"part": "snippet,contentDetails", "playlistId": uploads, "maxResults": str(BATCH)}
    while True:
        body = wire.get("/playlistItems", params)
        yield from objs(body.get("items"))
        params["pageToken"] = text(body, "nextPageToken")
        if not params["pageToken"]:
            return

"""A video on its way to YouTube, in pieces, unseen by readers.

The address of the upload is kept before the first byte is sent. Whatever was cut, YouTube is asked
how much has arrived, and the rest goes there; the last piece makes the video and tells its id.
"""

import re
from datetime import UTC, datetime
from typing import Final

from jspm_social.platforms.adapters import files
from jspm_social.platforms.adapters.outgoing import same_words, too_old
from jspm_social.platforms.adapters.reading import instant, obj, text
from jspm_social.platforms.errors import Pending, Transient
from jspm_social.platforms.http import Answer
from jspm_social.platforms.publishing import Media, Progress, PublishRequest

from . import posting
from .own_posts import own_uploads
from .wire import Wire, raise_for

GRAIN: Final = 256 * 1024  # pieces are multiples of it
PIECE = 16 * GRAIN
PIECES_AT_ONCE: Final = 16  # then the worker's lease begins anew
WANTS_MORE: Final = 308
SESSION_GONE: Final = {404, 410}
ARRIVED = re.compile(r"bytes=0-(\d+)")


class Upload:
    """The one video of a posting. Keeps `session` (its address), `begun` and, at last, `video`."""

    def __init__(self, wire: Wire, progress: Progress) -> None:
        self._wire, self._progress = wire, progress

    def deliver(self, request: PublishRequest, media: Media) -> str:
        """Upload what is not there yet and return the video's id. Raises Pending while there is
        more to send.
        """
        start = self._arrived(request, media) if self._kept("session") else None
        if self._kept("video"):
            return self._kept("video")
        if start is None:
            self._begin(request, media)
            start = 0
        for _ in range(PIECES_AT_ONCE):
            before, start = start, self._send_piece(media, start)
            if self._kept("video"):
                return self._kept("video")
            if start <= before:
                raise Transient("YouTube: a piece was sent and has not arrived")
        raise Pending("YouTube: the video is not yet sent whole", until=datetime.now(UTC))

    def _begin(self, request: PublishRequest, media: Media) -> None:
        told = {
            "X-Upload-Content-Length": str(media.size),
            "X-Upload-Content-Type": media.mime,
        }
        params = {"uploadType": "resumable", "part": "snippet,status"}
        answer = self._wire.begin_upload(params, posting.resource(request), **told)
        raise_for(answer)
        address = answer.headers.get("Location", "")
        if not address:
            raise Transient("YouTube: the answer names no address to upload to")
        self._progress.keep(session=address, begun=datetime.now(UTC).isoformat())

    def _arrived(self, request: PublishRequest, media: Media) -> int | None:
        """Ask how many bytes have arrived; None when the session is over and made no video."""
        answer = self._wire.put(self._kept("session"), f"bytes */{media.size}")
        if answer.status not in SESSION_GONE:
            return self._after(answer, media)
        made = self._made_before(request)
        self._progress.keep(**({"video": made} if made else {"session": ""}))
        return None

    def _send_piece(self, media: Media, start: int) -> int:
        """Send the piece that begins at `start`; return where the next one begins."""
        size = min(PIECE, media.size - start)
        place = f"bytes {start}-{start + size - 1}/{media.size}"
        body = files.raw(media, start=start, size=size)
        return self._after(self._wire.put(self._kept("session"), place, body), media)

    def _after(self, answer: Answer, media: Media) -> int:
        """Read what an answer tells: how much has arrived, or that the video is made."""
        if answer.status == WANTS_MORE:
            arrived = ARRIVED.fullmatch(answer.headers.get("Range", ""))
            start = int(arrived[1]) + 1 if arrived else 0
            if start >= media.size:
                raise Transient("YouTube: all has arrived, and the video is not made yet")
            return start
        raise_for(answer)
        video = text(obj(answer.body), "id")
        if not video:
            raise Transient("YouTube: the answer names no video")
        self._progress.keep(video=video)
        return media.size

    def _made_before(self, request: PublishRequest) -> str:
        """Return the video that this upload made, as our own list tells; '' when there is none."""
        begun = instant(self._kept("begun")) or datetime.now(UTC)
        for item in own_uploads(self._wire):
            snippet = obj(item.get("snippet"))
            if too_old(instant(snippet.get("publishedAt")), begun):
                return ""
            words = (text(snippet, "title"), text(snippet, "description"))
            if all(map(same_words, words, (request.title, request.text))):
                return text(obj(item.get("contentDetails")), "videoId")
        return ""

    def _kept(self, name: str) -> str:
        return self._progress.read().get(name, "")

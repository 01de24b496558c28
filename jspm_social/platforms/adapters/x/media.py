"""Files on their way to X: pictures at once, videos in pieces, then the alternative text.

Every step is kept in the progress of the posting, so that the next attempt goes on from there. An
upload is seen by nobody before a post names it, so a lost answer only means to do it again.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jspm_social.platforms.adapters.files import form
from jspm_social.platforms.adapters.reading import number, obj, text
from jspm_social.platforms.adapters.steps import begin
from jspm_social.platforms.errors import Pending, Rejected, Transient
from jspm_social.platforms.http import url_path
from jspm_social.platforms.publishing import Media, MediaKind, Progress

from .wire import Wire

UPLOAD = "/2/media/upload"
PIECE: Final = 4 * 1024 * 1024
PIECES_AT_ONCE: Final = 16  # then the worker's lease begins anew
KEEPS: Final = timedelta(hours=20)  # X forgets an unused file after a day
AGAIN: Final = timedelta(seconds=5)
PARTS: Final = ("", "_key", "_alt", "_pieces", "_whole", "_ready")


class Uploads:
    """The files of one posting, each known by its number in the request."""

    def __init__(self, wire: Wire, progress: Progress) -> None:
        self._wire, self._progress = wire, progress

    def ids(self) -> list[str]:
        """Return the ids of what was uploaded so far, in the order of the files."""
        kept = self._progress.read()
        names = [f"media{index}" for index in range(len(kept))]
        return [kept[name] for name in names if kept.get(name)]

    def keys(self) -> list[str]:
        """Return what a post names these files by, as far as X told it: else by their ids."""
        kept = self._progress.read()
        names = [f"media{index}" for index in range(len(kept))]
        return [kept.get(f"{name}_key") or kept[name] for name in names if kept.get(name)]

    def deliver(self, media: tuple[Media, ...]) -> list[str]:
        """Upload what is not there yet and return the ids. Raises Pending while X works on it."""
        if media:
            names = [f"media{index}{part}" for index in range(len(media)) for part in PARTS]
            begin(self._progress, names, lasts=KEEPS)
        for index, medium in enumerate(media):
            self._deliver(f"media{index}", medium)
        return self.ids()

    def _deliver(self, name: str, medium: Media) -> None:
        if medium.kind is MediaKind.VIDEO:
            self._send_video(name, medium)
        elif not self._kept(name):
            self._keep_id(name, self._send_image(medium))
        if medium.alt and not self._kept(f"{name}_alt"):
            described = {"alt_text": {"text": medium.alt}}
            body = {"id": self._kept(name), "metadata": described}
            self._wire.call("POST", "/2/media/metadata", json=body, changes=False)
            self._keep(f"{name}_alt", "yes")

    def _send_image(self, medium: Media) -> dict[str, Any]:
        fields = {"media_category": "tweet_image", "media_type": medium.mime}
        body = form(medium, name="media", fields=fields)
        return self._wire.call("POST", UPLOAD, upload=body, changes=False)

    def _send_video(self, name: str, medium: Media) -> None:
        if not self._kept(name):
            wanted = {
                "media_type": medium.mime,
                "total_bytes": medium.size,
                "media_category": "tweet_video",
            }
            told = self._wire.call("POST", f"{UPLOAD}/initialize", json=wanted, changes=False)
            self._keep_id(name, told)
        if not self._kept(f"{name}_whole"):
            self._send_pieces(name, medium)
            path = url_path("2", "media", "upload", self._kept(name), "finalize")
            told = self._wire.call("POST", path, changes=False)
            self._keep(f"{name}_whole", "yes")
            self._wait(name, told)
        elif not self._kept(f"{name}_ready"):
            params = {"command": "STATUS", "media_id": self._kept(name)}
            self._wait(name, self._wire.get(UPLOAD, params))

    def _send_pieces(self, name: str, medium: Media) -> None:
        path = url_path("2", "media", "upload", self._kept(name), "append")
        first = int(self._kept(f"{name}_pieces") or 0)
        pieces = -(-medium.size // PIECE)
        for piece in range(first, pieces):
            if piece - first == PIECES_AT_ONCE:
                raise Pending("X: the video is not yet sent whole", until=datetime.now(UTC))
            start = piece * PIECE
            size = min(PIECE, medium.size - start)
            fields = {"segment_index": str(piece)}
            body = form(medium, name="media", fields=fields, start=start, size=size)
            self._wire.call("POST", path, upload=body, changes=False)
            self._keep(f"{name}_pieces", str(piece + 1))

    def _wait(self, name: str, told: Mapping[str, Any]) -> None:
        """Return when X is done with the video. Raises Pending while it is not."""
        doing = obj(obj(told.get("data")).get("processing_info"))
        state = text(doing, "state")
        if state == "failed":
            raise Rejected("Xがこの動画を受け付けませんでした")
        if state not in {"", "succeeded"}:
            wait = timedelta(seconds=min(number(doing, "check_after_secs"), 600)) or AGAIN
            raise Pending("X: the video is being processed", until=datetime.now(UTC) + wait)
        self._keep(f"{name}_ready", "yes")

    def _keep_id(self, name: str, told: Mapping[str, Any]) -> None:
        data = obj(told.get("data"))
        if not text(data, "id"):
            raise Transient("X: an upload without an id")
        self._progress.keep(**{name: text(data, "id"), f"{name}_key": text(data, "media_key")})

    def _kept(self, name: str) -> str:
        return self._progress.read().get(name, "")

    def _keep(self, name: str, value: str) -> None:
        self._progress.keep(**{name: value})

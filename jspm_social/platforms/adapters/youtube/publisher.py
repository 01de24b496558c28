"""Our own videos on YouTube. There is nothing else that its API publishes.

A video is uploaded private and becomes public once YouTube is done with it: readers never meet a
half-processed one, and that step may be repeated. It costs one of 100 uploads a day, 50 units for
becoming public and one for each look. A project that Google has not audited keeps every video
private: that is told, and a person makes it public.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.outgoing import videos
from jspm_social.platforms.adapters.reading import obj, objs, text
from jspm_social.platforms.contract import Achieved, ChannelAccess, Receipt
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Pending, Rejected, Unsupported
from jspm_social.platforms.names import Effect
from jspm_social.platforms.publishing import Progress, Published, PublishRequest

from . import posting
from .errors import reason_of
from .upload import Upload
from .wire import Wire, raise_for

WAIT = timedelta(minutes=1)
FAILED = {"failed", "rejected", "deleted"}


class YouTubePublisher:
    """One channel's way out. Implements Publisher."""

    repeatable = False

    def __init__(self, access: ChannelAccess, save_secrets: SaveSecrets) -> None:
        self._wire = Wire(access, save_secrets)

    def publish(self, request: PublishRequest, progress: Progress) -> Published:
        """See Publisher."""
        posting.check(request)
        video_id = progress.read().get("video", "")
        if not video_id:
            (video,) = videos(request)
            video_id = Upload(self._wire, progress).deliver(request, video)
        found = self._look(video_id)
        if found and posting.is_public(found):
            return posting.published(found)
        if found is None or posting.upload_status(found) in FAILED:
            progress.keep(video="", session="")  # a new attempt uploads it anew
            gone = "YouTube: 公開する前に、動画が削除されました"
            raise Rejected(posting.failure(found) if found else gone)
        if posting.upload_status(found) != "processed":
            until = datetime.now(UTC) + WAIT
            raise Pending("YouTube: the video is being processed", until=until)
        self._make_public(video_id)
        return posting.published(found)

    def find(
        self,
        request: PublishRequest,  # noqa: ARG002 - contract
        progress: Progress,
        *,
        since: datetime,  # noqa: ARG002 - contract
    ) -> Published | None:
        """See Publisher. A video whose id is not known yet cannot have become public."""
        video_id = progress.read().get("video", "")
        found = self._look(video_id) if video_id else None
        return posting.published(found) if found and posting.is_public(found) else None

    def read(self, remote_id: str) -> Published:
        """See Publisher. `text` is the video's description."""
        found = self._look(remote_id)
        if found is None:
            raise Missing("YouTube: the video is gone")
        return posting.published(found)

    def withdraw(self, remote_id: str) -> Receipt:
        """See Publisher."""
        answer = self._wire.send("DELETE", "/videos", {"id": remote_id})
        if reason_of(answer) == "videoNotFound" and self._look(remote_id) is None:
            return Receipt(Effect.DELETE, Achieved.GONE)
        raise_for(answer)
        return Receipt(Effect.DELETE, Achieved.APPLIED)

    def _make_public(self, video_id: str) -> None:
        wish = {"id": video_id, "status": posting.status("public")}
        answer = self._wire.send("PUT", "/videos", {"part": "status"}, json=wish)
        raise_for(answer)
        privacy = text(obj(obj(answer.body).get("status")), "privacyStatus")
        if not privacy:
            raise OutcomeUnknown("YouTube: the answer does not say whether the video is public")
        if privacy != "public":
            raise Unsupported(
                "YouTubeが動画を非公開のままにしています。YouTubeの画面で公開してください"
            )

    def _look(self, video_id: str) -> dict[str, Any] | None:
        """Read one video; None when it is gone. The answer itself proves the token good."""
        params = {"part": "id,snippet,status", "id": video_id}
        return next(iter(objs(self._wire.get("/videos", params).get("items"))), None)

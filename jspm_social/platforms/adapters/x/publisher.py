"""Our own posts on X: text, up to four pictures or a video, a poll.

X makes a card of an address in the text by itself. It has nothing that would keep one posting from
going out twice, so our own recent posts are listed before a sending is repeated.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from jspm_social.platforms.adapters import lookout
from jspm_social.platforms.adapters.lookout import Likeness
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import obj, text
from jspm_social.platforms.contract import Achieved, ChannelAccess, Receipt
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Rejected
from jspm_social.platforms.http import url_path
from jspm_social.platforms.names import Effect
from jspm_social.platforms.publishing import Progress, Published, PublishRequest

from . import posting
from .errors import unclear
from .media import Uploads
from .normalise import SITE
from .own_posts import listed
from .wire import Wire, is_not_found, raise_for


class XPublisher:
    """One channel's way out. Implements Publisher."""

    repeatable = False

    def __init__(self, access: ChannelAccess, save_secrets: SaveSecrets) -> None:
        self._wire = Wire(access, save_secrets)
        self._limits = obj(access.options.get("limits"))

    def publish(self, request: PublishRequest, progress: Progress) -> Published:
        """See Publisher."""
        posting.check(request, self._limits)
        uploads = Uploads(self._wire, progress)
        media_ids = uploads.deliver(request.media)
        lookout.note_before_sending(progress, self._alike(request, uploads.keys()))
        answer = self._wire.send("POST", "/2/tweets", json=posting.body_of(request, media_ids))
        if posting.is_duplicate(answer):
            raise Rejected("Xは、同じ文面の投稿を続けて受け付けません")
        raise_for(answer)
        told = obj(obj(answer.body).get("data"))
        if not text(told, "id"):
            raise OutcomeUnknown("X: the answer names no post")
        return Published(
            remote_id=text(told, "id"),
            permalink=f"{SITE}/i/status/{text(told, 'id')}",
            published_at=datetime.now(UTC),
        )

    def find(
        self,
        request: PublishRequest,
        progress: Progress,
        *,
        since: datetime,  # noqa: ARG002 - the progress says it more exactly
    ) -> Published | None:
        """See Publisher and lookout."""
        keys = Uploads(self._wire, progress).keys()
        return lookout.find(progress, self._alike(request, keys))

    def _alike(self, request: PublishRequest, media_keys: list[str]) -> lookout.Alike:
        def alike(since: datetime) -> Iterator[tuple[Likeness, Published]]:
            for tweet, polls in listed(self._wire, since):
                like = posting.compare(tweet, polls, request, media_keys)
                yield like, posting.published(tweet)

        return alike

    def read(self, remote_id: str) -> Published:
        """See Publisher."""
        answer = self._wire.send("GET", url_path("2", "tweets", remote_id), params=posting.FIELDS)
        if is_not_found(answer):
            self._wire.me()
            raise Missing("X: the post is gone")
        raise_for(answer)
        return posting.published(obj(obj(answer.body).get("data")))

    def withdraw(self, remote_id: str) -> Receipt:
        """See Publisher. X answers a repetition with 200 or 404."""
        answer = self._wire.send("DELETE", url_path("2", "tweets", remote_id))
        if answer.status == 404:
            if self._wire.exists(remote_id):
                raise unclear()
            return Receipt(Effect.DELETE, Achieved.GONE)
        raise_for(answer)
        if obj(obj(answer.body).get("data")).get("deleted") is not True:
            raise OutcomeUnknown("X: the answer does not say whether it is deleted")
        return Receipt(Effect.DELETE, Achieved.APPLIED)

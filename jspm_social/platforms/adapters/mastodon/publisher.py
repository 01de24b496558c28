"""Our own posts on Mastodon and compatible servers: text, pictures, a video, a poll.

A server makes a card of an address in the text by itself. The key against repetition is sent, but
most compatible servers ignore it, so our own recent posts are listed before a sending is repeated.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from jspm_social.platforms.adapters import lookout
from jspm_social.platforms.adapters.lookout import Likeness
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import EPOCH, instant, obj, text
from jspm_social.platforms.contract import Achieved, ChannelAccess, Receipt
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Transient, Unsupported
from jspm_social.platforms.http import Answer
from jspm_social.platforms.names import Effect
from jspm_social.platforms.publishing import Progress, Published, PublishRequest

from . import posting
from .errors import GONE, problem_of
from .media import Uploads
from .normalise import author_id, key_of
from .wire import Wire

PAGES = 10
PAGE_SIZE = "40"
REACH = timedelta(days=90)  # how far back a post is looked for that cannot be asked for


class MastodonPublisher:
    """One account's way out. Implements Publisher. Tokens do not expire: `save` is unused."""

    repeatable = False

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._wire = Wire(access)
        self._me = access.account_id
        self._limits = obj(access.options.get("limits"))

    def publish(self, request: PublishRequest, progress: Progress) -> Published:
        """See Publisher."""
        posting.check(request, self._limits)
        media_ids = Uploads(self._wire, progress).deliver(request.media)
        lookout.note_before_sending(progress, self._alike(request, media_ids))
        answer = self._wire.send(
            "POST",
            "statuses",
            json=posting.body_of(request, media_ids),
            headers={"Idempotency-Key": request.key},
        )
        _raise(answer, changes=True)
        status = obj(answer.body)
        if not key_of(status):
            raise OutcomeUnknown("Mastodon: the answer names no post")
        if not posting.is_whole(status, request):
            self._take_back(status)
        return posting.published(status)

    def _take_back(self, status: dict[str, Any]) -> NoReturn:
        """A server that passes over a poll or a file has published what nobody approved."""
        answer = self._wire.send("DELETE", "statuses", text(status, "id"))
        if not answer.ok:
            raise OutcomeUnknown("このサーバーは、投票か画像・動画を抜かして公開しました")
        raise Unsupported("このサーバーは、投票か画像・動画を受け付けません")

    def find(
        self,
        request: PublishRequest,
        progress: Progress,
        *,
        since: datetime,  # noqa: ARG002 - the progress says it more exactly
    ) -> Published | None:
        """See Publisher and lookout."""
        ours = Uploads(self._wire, progress).ids()
        return lookout.find(progress, self._alike(request, ours))

    def _alike(self, request: PublishRequest, media_ids: list[str]) -> lookout.Alike:
        def alike(since: datetime) -> Iterator[tuple[Likeness, Published]]:
            for status in self._own_posts(since):
                like = posting.compare(status, request, media_ids)
                yield like, posting.published(status)

        return alike

    def _own_posts(self, since: datetime) -> Iterator[dict[str, Any]]:
        """Give our posts since then, newest first; what a server mixes in is left out."""
        params: dict[str, str | list[str]] = {
            "limit": PAGE_SIZE,
            "exclude_replies": "true",
            "exclude_reblogs": "true",
        }
        met: set[str] = set()
        for _ in range(PAGES):
            page = self._wire.get_list("accounts", self._own_id(), "statuses", params=params)
            fresh = [status for status in page if text(status, "id") not in met]
            young = [s for s in fresh if _created(s) >= since]
            yield from (status for status in young if self._is_own(status))
            if not fresh or _created(fresh[-1]) < since:
                return
            met |= {text(status, "id") for status in fresh}
            params["max_id"] = text(page[-1], "id")
        raise Transient("Mastodon: the list of own posts does not end")

    def _is_own(self, status: dict[str, Any]) -> bool:
        return author_id(status) == self._own_id() and not status.get("reblog")

    def read(self, remote_id: str) -> Published:
        """See Publisher. The text is as it was written where the server tells, else as shown."""
        status = self._status(remote_id)
        if status is None:
            raise Missing("Mastodon: the post is gone")
        answer = self._wire.send("GET", "statuses", text(status, "id"), "source")
        source = text(obj(answer.body), "text") if answer.ok else ""
        return posting.published(status, source)

    def withdraw(self, remote_id: str) -> Receipt:
        """See Publisher. A post that is gone already is told so."""
        status = self._status(remote_id)
        if status is None:
            return Receipt(Effect.DELETE, Achieved.GONE)
        if not self._is_own(status):
            raise Unsupported("Mastodon: this is no post of ours")
        answer = self._wire.send("DELETE", "statuses", text(status, "id"))
        if answer.status in GONE:
            if self._status(remote_id) is not None:
                raise Unsupported("このサーバーでは、投稿をAPIから削除できません")
            return Receipt(Effect.DELETE, Achieved.GONE)
        _raise(answer, changes=True)
        return Receipt(Effect.DELETE, Achieved.APPLIED)

    def _status(self, uri: str) -> dict[str, Any] | None:
        """Return a post by its uri, None when it is proven gone.

        On most servers the uri ends with the local id; where it does not, our own posts are listed.
        """
        local = uri.rstrip("/").rpartition("/")[2]
        answer = self._wire.send("GET", "statuses", local)
        if answer.ok and key_of(obj(answer.body)) == uri:
            return obj(answer.body)
        if not answer.ok and answer.status not in GONE:
            _raise(answer, changes=False)
        self._wire.prove()
        for status in self._own_posts(datetime.now(UTC) - REACH):
            if key_of(status) == uri:
                return status
            if key_of(status).rstrip("/").endswith(f"/{text(status, 'id')}"):
                return None  # here uris end with ids, so it would have been found
        return None

    def _own_id(self) -> str:
        if not self._me:
            self._me = text(self._wire.prove(), "id")
        return self._me


def _created(status: dict[str, Any]) -> datetime:
    return instant(status.get("created_at")) or EPOCH


def _raise(answer: Answer, *, changes: bool) -> None:
    problem = problem_of(answer, changes=changes)
    if problem:
        raise problem

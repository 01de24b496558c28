"""Our own posts on Mastodon and compatible servers: text, pictures, a video, a poll.

A server makes a card of an address in the text by itself. The key against repetition is sent, but
most compatible servers ignore it, so our own recent posts are listed before a sending is repeated.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NoReturn

from jspm_social.platforms.adapters import lookout
from jspm_social.platforms.adapters.lookout import Likeness
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import obj, text
from jspm_social.platforms.contract import Achieved, ChannelAccess, Receipt
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Unsupported
from jspm_social.platforms.http import Answer
from jspm_social.platforms.names import Effect
from jspm_social.platforms.publishing import Progress, Published, PublishRequest

from . import posting
from .errors import GONE, problem_of
from .media import Uploads
from .normalise import key_of
from .own_posts import Statuses
from .wire import Wire


class MastodonPublisher:
    """One account's way out. Implements Publisher. Tokens do not expire: `save` is unused."""

    repeatable = False

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._wire = Wire(access)
        self._statuses = Statuses(self._wire, access.account_id)
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
            for status in self._statuses.since(since):
                like = posting.compare(status, request, media_ids)
                yield like, posting.published(status)

        return alike

    def read(self, remote_id: str) -> Published:
        """See Publisher. The text is as it was written where the server tells, else as shown."""
        status = self._statuses.by_uri(remote_id)
        if status is None:
            raise Missing("Mastodon: the post is gone")
        answer = self._wire.send("GET", "statuses", text(status, "id"), "source")
        source = text(obj(answer.body), "text") if answer.ok else ""
        return posting.published(status, source)

    def withdraw(self, remote_id: str) -> Receipt:
        """See Publisher. A post that is gone already is told so."""
        status = self._statuses.by_uri(remote_id)
        if status is None:
            return Receipt(Effect.DELETE, Achieved.GONE)
        if not self._statuses.is_own(status):
            raise Unsupported("Mastodon: this is no post of ours")
        answer = self._wire.send("DELETE", "statuses", text(status, "id"))
        if answer.status in GONE:
            if self._statuses.by_uri(remote_id) is not None:
                raise Unsupported("このサーバーでは、投稿をAPIから削除できません")
            return Receipt(Effect.DELETE, Achieved.GONE)
        _raise(answer, changes=True)
        return Receipt(Effect.DELETE, Achieved.APPLIED)


def _raise(answer: Answer, *, changes: bool) -> None:
    problem = problem_of(answer, changes=changes)
    if problem:
        raise problem

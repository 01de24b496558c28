"""Our own posts on Bluesky: text with links, tags and mentions, up to four pictures, a video, or a
card.

The key of the record is chosen and kept before the record is made. A key that is taken cannot be
written again, so nothing goes out twice, and looking for it is certain.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import obj, text
from jspm_social.platforms.contract import Achieved, ChannelAccess, Receipt
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Rejected
from jspm_social.platforms.http import Answer
from jspm_social.platforms.names import Effect
from jspm_social.platforms.publishing import Progress, Published, PublishRequest

from . import posting
from .errors import error_name, is_gone, problem_of
from .facets import facets_of
from .media import Blobs
from .normalise import POST, is_post_of, parse_uri
from .session import Session
from .tid import new_tid

# What is said of a handle that is nobody's: of the server's own domain, and of others.
NOBODY = {"HandleNotFound", "InvalidRequest"}


class BlueskyPublisher:
    """One account's way out. Implements Publisher."""

    repeatable = False

    def __init__(self, access: ChannelAccess, save_secrets: SaveSecrets) -> None:
        self._session = Session(access, save_secrets)
        self._me = access.account_id

    def publish(self, request: PublishRequest, progress: Progress) -> Published:
        """See Publisher."""
        posting.check(request)
        blobs = Blobs(self._session, self._own_did(), progress).deliver(request.media)
        facets = facets_of(request.text, self._did_of)
        rkey = progress.read().get("rkey", "")
        if not rkey:
            rkey = new_tid(datetime.now(UTC))
            progress.keep(rkey=rkey)
        record = posting.record_of(request, rkey=rkey, facets=facets, blobs=blobs)
        body = {**self._place(rkey), "record": record}
        answer = self._session.call("POST", "com.atproto.repo.createRecord", json=body)
        _raise(answer)
        uri = text(obj(answer.body), "uri")
        if not uri:
            raise OutcomeUnknown("Bluesky: the answer names no record")
        return posting.published(uri, record)

    def _did_of(self, handle: str) -> str:
        """Return whom a handle belongs to; nobody: the mention stays plain text."""
        name = "com.atproto.identity.resolveHandle"
        answer = self._session.call("GET", name, params={"handle": handle})
        if error_name(answer) in NOBODY:
            return ""
        _raise(answer)
        return text(obj(answer.body), "did")

    def find(
        self,
        request: PublishRequest,  # noqa: ARG002 - the key says it all
        progress: Progress,
        *,
        since: datetime,  # noqa: ARG002 - likewise
    ) -> Published | None:
        """See Publisher. Without a key nothing was ever sent."""
        rkey = progress.read().get("rkey")
        return self._record(rkey) if rkey else None

    def read(self, remote_id: str) -> Published:
        """See Publisher."""
        found = self._record(self._rkey(remote_id))
        if found is None:
            raise Missing("Bluesky: the post is gone")
        return found

    def withdraw(self, remote_id: str) -> Receipt:
        """See Publisher. A repetition is answered like the first time, without a commit."""
        place = self._place(self._rkey(remote_id))
        answer = self._session.call("POST", "com.atproto.repo.deleteRecord", json=place)
        _raise(answer)
        did_it = "commit" in obj(answer.body)
        return Receipt(Effect.DELETE, Achieved.APPLIED if did_it else Achieved.GONE)

    def _record(self, rkey: str) -> Published | None:
        answer = self._session.call("GET", "com.atproto.repo.getRecord", params=self._place(rkey))
        if is_gone(answer):
            return None
        _raise(answer)
        body = obj(answer.body)
        return posting.published(text(body, "uri"), obj(body.get("value")))

    def _own_did(self) -> str:
        if not self._me:
            answer = self._session.call("GET", "com.atproto.server.getSession")
            _raise(answer)
            self._me = text(obj(answer.body), "did")
        return self._me

    def _rkey(self, uri: str) -> str:
        if not is_post_of(uri, self._own_did()):
            raise Rejected("Bluesky: this is no post of ours")
        return parse_uri(uri).rkey

    def _place(self, rkey: str) -> Mapping[str, Any]:
        return {"repo": self._own_did(), "collection": POST, "rkey": rkey}


def _raise(answer: Answer) -> None:
    problem = problem_of(answer)
    if problem:
        raise problem

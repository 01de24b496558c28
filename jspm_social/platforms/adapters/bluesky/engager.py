"""Reposts, likes and follows on Bluesky: records of our own repository.

The key of the record is chosen and kept before it is made, as for a post: a key that is taken
cannot be written again. What was done by hand is told by the viewer's state beside the subject.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import obj, objs, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.engaging import Engagement, Subject
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Unsupported
from jspm_social.platforms.publishing import Progress

from .errors import error_name, is_gone, problem_of
from .normalise import POST, parse_uri
from .session import Session
from .tid import moment_of, new_tid

ADDRESS = re.compile(r"https://bsky\.app/profile/([\w.:-]+)(?:/post/(\w+))?/?$", re.ASCII)
RECORDS = {
    Engagement.SHARE: "app.bsky.feed.repost",
    Engagement.LIKE: "app.bsky.feed.like",
    Engagement.FOLLOW: "app.bsky.graph.follow",
}
VIEWER = {
    Engagement.SHARE: "repost",
    Engagement.LIKE: "like",
    Engagement.FOLLOW: "following",
}
NOBODY = {"HandleNotFound", "InvalidRequest"}


class BlueskyEngager:
    """One account's way to repost, like and follow. Implements Engager."""

    def __init__(self, access: ChannelAccess, save_secrets: SaveSecrets) -> None:
        self._session = Session(access, save_secrets)
        self._me = access.account_id

    def resolve(self, engagement: Engagement, url: str) -> Subject:
        """See Engager."""
        found = ADDRESS.match(url)
        wants_post = engagement is not Engagement.FOLLOW
        if found is None or bool(found[2]) is not wants_post:
            raise Unsupported("Bluesky: このアドレスは、APIからは扱えません")
        did = self._did_of(found[1])
        if not wants_post:
            return Subject(did)
        view = self._view(f"at://{did}/{POST}/{found[2]}")
        if not view:
            raise Missing("Bluesky: the post is gone")
        reply = obj(obj(view.get("record")).get("reply"))
        answered = {parse_uri(text(obj(reply.get(k)), "uri")).did for k in ("root", "parent")}
        to_us = self._me in answered and did != self._me
        return Subject(text(view, "uri"), text(view, "cid"), to_us=to_us)

    def stands(self, engagement: Engagement, subject: Subject, progress: Progress) -> bool:
        """See Engager. Our own record is true at once, whatever the network shows yet."""
        rkey = progress.read().get("rkey")
        if rkey and self._has_record(engagement, rkey):
            return True
        viewed = self._viewed(engagement, subject)
        return bool(text(obj(viewed.get("viewer")), VIEWER[engagement]))

    def perform(self, engagement: Engagement, subject: Subject, progress: Progress) -> None:
        """See Engager."""
        rkey = progress.read().get("rkey") or new_tid(datetime.now(UTC))
        progress.keep(rkey=rkey)
        aimed_at: Any = subject.id
        if engagement is not Engagement.FOLLOW:
            aimed_at = {"uri": subject.id, "cid": subject.version}
        made = moment_of(rkey).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        record = {"$type": RECORDS[engagement], "subject": aimed_at, "createdAt": made}
        body = {**self._place(engagement, rkey), "record": record}
        answer = self._session.call("POST", "com.atproto.repo.createRecord", json=body)
        problem = problem_of(answer)
        if problem:
            raise problem
        if not text(obj(answer.body), "uri"):
            raise OutcomeUnknown("Bluesky: the answer names no record")

    def _did_of(self, name: str) -> str:
        if name.startswith("did:"):
            return name
        method = "com.atproto.identity.resolveHandle"
        answer = self._session.call("GET", method, params={"handle": name})
        if error_name(answer) in NOBODY:
            raise Missing("Bluesky: nobody has this handle")
        problem = problem_of(answer)
        if problem:
            raise problem
        return text(obj(answer.body), "did")

    def _viewed(self, engagement: Engagement, subject: Subject) -> dict[str, Any]:
        if engagement is Engagement.FOLLOW:
            return self._get("app.bsky.actor.getProfile", {"actor": subject.id})
        return self._view(subject.id)

    def _view(self, uri: str) -> dict[str, Any]:
        found = objs(self._get("app.bsky.feed.getPosts", {"uris": [uri]}).get("posts"))
        return found[0] if found else {}

    def _has_record(self, engagement: Engagement, rkey: str) -> bool:
        place = self._place(engagement, rkey)
        answer = self._session.call("GET", "com.atproto.repo.getRecord", params=place)
        if is_gone(answer):
            return False
        problem = problem_of(answer)
        if problem:
            raise problem
        return True

    def _place(self, engagement: Engagement, rkey: str) -> dict[str, str | list[str]]:
        return {"repo": self._me, "collection": RECORDS[engagement], "rkey": rkey}

    def _get(self, name: str, params: Mapping[str, str | list[str]]) -> dict[str, Any]:
        answer = self._session.call("GET", name, params=params)
        problem = problem_of(answer)
        if problem:
            raise problem
        return obj(answer.body)

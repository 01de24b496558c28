"""Reposting on X. Likes and follows are not offered to our plan.

Facts: a repost stands in the list of our own posts as one that refers to the other (retweeted); a
reply to us names us in in_reply_to_user_id.
"""

import re
from typing import Any

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import obj, objs, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.engaging import Engagement, Subject
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Transient, Unsupported
from jspm_social.platforms.http import url_path
from jspm_social.platforms.publishing import Progress

from .wire import Wire, is_not_found, raise_for

ADDRESS = re.compile(r"https://(?:www\.|mobile\.)?(?:x|twitter)\.com/\w+/status/(\d+)")
LOOK = {"post.fields": "conversation_id", "expansions": "author_id,in_reply_to_user_id"}
REFERRED = {"expansions": "referenced_posts"}
PAGES = 5  # of a hundred own posts each


class XEngager:
    """One channel's way to repost. Implements Engager."""

    def __init__(self, access: ChannelAccess, save_secrets: SaveSecrets) -> None:
        self._wire = Wire(access, save_secrets)

    def resolve(self, engagement: Engagement, url: str) -> Subject:
        """See Engager."""
        found = ADDRESS.match(url)
        if engagement is not Engagement.SHARE or found is None:
            raise Unsupported("X: このアドレスの投稿は、APIからは扱えません")
        tweet, me = self._tweet(found[1]), self._wire.own_id()
        if text(tweet, "author_id") == me:
            return Subject(text(tweet, "id"))
        root = text(tweet, "conversation_id")
        to_us = text(tweet, "in_reply_to_user_id") == me
        if not to_us and root != text(tweet, "id"):  # deeper in a conversation: whose is it?
            to_us = text(self._tweet(root), "author_id") == me
        return Subject(text(tweet, "id"), to_us=to_us)

    def _tweet(self, post_id: str) -> dict[str, Any]:
        answer = self._wire.send("GET", url_path("2", "tweets", post_id), params=LOOK)
        if is_not_found(answer):
            self._wire.me()
            raise Missing("X: the post is gone")
        raise_for(answer)
        return obj(obj(answer.body).get("data"))

    def stands(
        self,
        engagement: Engagement,  # noqa: ARG002 - the only one
        subject: Subject,
        progress: Progress,  # noqa: ARG002 - contract
    ) -> bool:
        """See Engager. Reposts are looked for among our newest five hundred posts."""
        path = url_path("2", "users", self._wire.own_id(), "tweets")
        params = {**REFERRED, "exclude": "replies", "max_results": "100"}
        for _ in range(PAGES):
            body = self._wire.get(path, params)
            for tweet in objs(body.get("data")):
                referred = objs(tweet.get("referenced_posts") or tweet.get("referenced_tweets"))
                if any(text(r, "id") == subject.id for r in referred):
                    return True
            params["pagination_token"] = text(obj(body.get("meta")), "next_token")
            if not params["pagination_token"]:
                return False
        raise Transient("X: the list of own posts does not end")

    def perform(
        self,
        engagement: Engagement,  # noqa: ARG002 - the only one
        subject: Subject,
        progress: Progress,  # noqa: ARG002 - contract
    ) -> None:
        """See Engager."""
        path = url_path("2", "users", self._wire.own_id(), "retweets")
        answer = self._wire.send("POST", path, json={"tweet_id": subject.id})
        raise_for(answer)
        if obj(obj(answer.body).get("data")).get("retweeted") is not True:
            raise OutcomeUnknown("X: the answer does not say whether it was reposted")

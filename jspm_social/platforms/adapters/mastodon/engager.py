"""Boosts, favourites and follows on Mastodon and compatible servers.

Facts: our server finds what an address elsewhere names by a search that resolves it, which needs
read:search; doing any of this twice changes nothing; a status says whether we boosted or
favourited it, a relationship whether we follow or asked to.
"""

from typing import Any

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import obj, objs, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.engaging import Engagement, Subject
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Unsupported
from jspm_social.platforms.http import Answer
from jspm_social.platforms.publishing import Progress

from .errors import GONE, problem_of
from .normalise import author_id
from .wire import Wire

DEEDS = {
    Engagement.SHARE: ("statuses", "reblog", "reblogged"),
    Engagement.LIKE: ("statuses", "favourite", "favourited"),
    Engagement.FOLLOW: ("accounts", "follow", "following"),
}


class MastodonEngager:
    """One account's way to boost, favourite and follow. Implements Engager."""

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._wire = Wire(access)
        self._me = access.account_id

    def resolve(self, engagement: Engagement, url: str) -> Subject:
        """See Engager. Without the permission to search it is a manual task."""
        kind = DEEDS[engagement][0]
        params: dict[str, str | list[str]] = {"q": url, "type": kind, "resolve": "true"}
        answer = self._wire.send("GET", "search", params=params, version="v2")
        _raise(answer)
        found = next(iter(objs(obj(answer.body).get(kind))), {})
        if not text(found, "id"):
            raise Missing("Mastodon: the address names nothing that our server finds")
        if text(found, "visibility") in {"direct", "private"}:
            raise Unsupported("Mastodon: this post is not public")
        return Subject(text(found, "id"), to_us=self._is_to_us(found))

    def _is_to_us(self, status: dict[str, Any]) -> bool:
        """Whether it stands anywhere below a post of ours, written by somebody else."""
        if not text(status, "in_reply_to_id") or author_id(status) == self._me:
            return False
        context = self._wire.get("statuses", text(status, "id"), "context")
        above = [author_id(ancestor) for ancestor in objs(context.get("ancestors"))]
        return self._me in {*above, text(status, "in_reply_to_account_id")}

    def stands(
        self,
        engagement: Engagement,
        subject: Subject,
        progress: Progress,  # noqa: ARG002 - contract
    ) -> bool:
        """See Engager."""
        if engagement is Engagement.FOLLOW:
            return _follows(self._wire.relationship(subject.id))
        answer = self._wire.send("GET", "statuses", subject.id)
        if answer.status in GONE:
            self._wire.prove()
            raise Missing("Mastodon: the post is gone")
        _raise(answer)
        return obj(answer.body).get(DEEDS[engagement][2]) is True

    def perform(
        self,
        engagement: Engagement,
        subject: Subject,
        progress: Progress,  # noqa: ARG002 - contract
    ) -> None:
        """See Engager."""
        kind, verb, told = DEEDS[engagement]
        answer = self._wire.send("POST", kind, subject.id, verb)
        _raise(answer)
        body = obj(answer.body)
        done = _follows(body) if engagement is Engagement.FOLLOW else _says(body, told)
        if not done:
            raise OutcomeUnknown("Mastodon: the answer does not say that it is done")


def _follows(relationship: dict[str, Any]) -> bool:
    """Asked for counts: whoever confirms followers answers later."""
    return relationship.get("following") is True or relationship.get("requested") is True


def _says(status: dict[str, Any], told: str) -> bool:
    """A boost is answered with a status of its own around the other."""
    return status.get(told) is True or obj(status.get("reblog")).get(told) is True


def _raise(answer: Answer) -> None:
    problem = problem_of(answer, changes=True)
    if problem:
        raise problem

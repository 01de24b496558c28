"""A platform that publishes as a test tells it to: answers, refuses, loses answers, dies."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from jspm_social.platforms.contract import Achieved, Receipt
from jspm_social.platforms.errors import (
    Missing,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Transient,
    Unsupported,
)
from jspm_social.platforms.names import Effect
from jspm_social.platforms.publishing import Progress, Published, PublishRequest

ANSWERS = ("fine", "lost after", "lost before", "dies after", "dies before", "busy", "5xx", "no")


class Death(BaseException):
    """The process ends here. Nothing of ours catches it."""


def _nothing(_: PublishRequest) -> None:
    """No law is checked."""


@dataclass
class Wire:
    """What is true there: `posts` by key, each as often as it was published."""

    repeatable: bool = False
    findable: bool = True
    answer: str = "fine"
    law: Callable[[PublishRequest], None] = _nothing
    posts: dict[str, PublishRequest] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)  # keys whose answer we never got

    def publish(self, request: PublishRequest, progress: Progress) -> Published:
        progress.keep(begun=request.key)
        answer, self.answer = self.answer, "fine"
        self.law(request)
        if answer in {"lost before", "dies before"}:
            raise OutcomeUnknown("lost") if answer == "lost before" else Death
        if answer == "busy":
            raise RateLimited("wait", until=timezone.now() + timedelta(minutes=5))
        if answer in {"5xx", "no"}:
            raise Transient("503") if answer == "5xx" else Rejected("no")
        if not (self.repeatable and request.key in self.posts):
            assert request.key not in self.posts, "nothing is sent twice"
            self.posts[request.key] = request
            self.order.append(request.text)
        if answer in {"lost after", "dies after"}:
            raise OutcomeUnknown("lost") if answer == "lost after" else Death
        return self._published(request.key)

    def find(
        self, request: PublishRequest, progress: Progress, *, since: datetime
    ) -> Published | None:
        if not self.findable:
            raise Unsupported("nobody can ask")
        return self._published(request.key) if request.key in self.posts else None

    def read(self, remote_id: str) -> Published:
        if remote_id not in self.posts:
            raise Missing("gone")
        return self._published(remote_id)

    def withdraw(self, remote_id: str) -> Receipt:
        self.posts.pop(remote_id, None)
        return Receipt(Effect.DELETE, Achieved.APPLIED)

    def _published(self, key: str) -> Published:
        text = self.posts[key].text
        return Published(key, f"https://example.net/{key}", text, timezone.now())

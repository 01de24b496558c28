"""A running sandbox and one channel on it, per platform."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from jspm_social.platforms.contract import (
    ChannelAccess,
    Page,
    PlatformClient,
    RemoteComment,
    Target,
)
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.registry import client_for
from jspm_social.platforms.sandbox.ids import OWN_IDS
from jspm_social.platforms.sandbox.model import HIDDEN
from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox
from jspm_social.platforms.sandbox.store import COMMENTED, PLATFORMS, SandboxStore
from tests.platforms.specs.watching import watched

START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)


@dataclass
class Channel:
    """One connected channel: what a test needs to make comments and to pull them."""

    platform: Platform
    sandbox: Sandbox
    options: dict[str, Any] = field(default_factory=dict)
    saved: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.secrets = self.store.credentials(self.platform.value)

    @property
    def store(self) -> SandboxStore:
        return self.sandbox.store

    def client(self) -> PlatformClient:
        access = ChannelAccess(
            platform=self.platform,
            account_id=OWN_IDS[self.platform.value],
            base_url=self.sandbox.base_url(self.platform.value),
            secrets={**self.secrets, **self.saved},
            options=self.options,
        )
        return client_for(access, save_secrets=self.saved.update)

    def say(self, number: int, **changes: Any) -> str:
        """Add comment `number`, written that many minutes after the start; return its id."""
        record = {
            "id": f"c{number}",
            "platform": self.platform.value,
            "post": {"id": f"p{number % 3}", "text": f"お知らせ{number % 3}"},
            "author": {"id": f"a{number % 7}", "name": f"名前{number % 7}", "handle": "who"},
            "text": f"コメント{number}",
            "created_at": (START + timedelta(minutes=number)).isoformat(),
            **changes,
        }
        made = self.store.add_comment(record)
        assert made is not None
        return made

    def target(self, comment_id: str) -> Target:
        comment = self.store.world(self.platform.value).comments[comment_id]
        return Target(comment.id, comment.post_id, comment.author_id)

    def state(self, comment_id: str) -> str:
        return self.store.world(self.platform.value).comments[comment_id].state

    @property
    def main(self) -> Effect:
        """The effect that has to stand what any effect has to: hiding, where there is such."""
        return Effect.BLOCK if self.platform == Platform.MASTODON else Effect.HIDE

    def done(self, comment_id: str) -> bool:
        """Whether the main effect has happened to this comment, or to its author."""
        world = self.store.world(self.platform.value)
        if self.main == Effect.BLOCK:
            return world.comments[comment_id].author_id in world.blocked
        return self.state(comment_id) == HIDDEN

    def calls(self) -> Mapping[str, int]:
        return self.store.world(self.platform.value).calls

    def fault(self, kind: str, **more: Any) -> None:
        self.sandbox.faults.add(kind, platform=self.platform.value, **more)


@dataclass
class Stored:
    """What an intake would have kept: one row per id, with each text it had."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    comments: dict[str, RemoteComment] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    cursor: Mapping[str, Any] = field(default_factory=dict)

    def take(self, page: Page) -> None:
        for comment in page.comments:
            texts = self.texts.setdefault(comment.remote_id, [])
            if texts[-1:] != [comment.text]:
                texts.append(comment.text)
            self.comments[comment.remote_id] = comment
        self.gone.update(page.gone)
        self.cursor = page.cursor

    def pull(self, client: PlatformClient) -> "Stored":
        for page in client.pull(self.cursor):
            self.take(page)
        return self


@pytest.fixture(autouse=True)
def every_request_is_valid() -> Iterator[None]:
    """Hold each request that reaches a sandbox against the platform's specification."""
    with watched():
        yield


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[Sandbox]:
    settings.CHANNEL_LOOPBACK_HOSTS = ("127.0.0.1",)
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture(params=COMMENTED)
def channel(request: pytest.FixtureRequest, sandbox: Sandbox) -> Channel:
    """A channel whose posts have comments."""
    return Channel(Platform(request.param), sandbox)


@pytest.fixture(params=PLATFORMS)
def account(request: pytest.FixtureRequest, sandbox: Sandbox) -> Channel:
    """Any channel, LINE included, which has no comments."""
    return Channel(Platform(request.param), sandbox)

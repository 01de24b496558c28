"""A sandbox to sign in at, and a person who is sent there and comes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from jspm_social.accounts.models import User
from jspm_social.platforms.models import ConnectionAttempt
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox.ids import OWN_HANDLE
from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox
from jspm_social.platforms.sandbox.store import (
    BLUESKY_APP_PASSWORD,
    CLIENT_ID,
    CLIENT_SECRET,
    FACEBOOK_APP_SECRET,
)
from tests.people import People, client_of

SITE = "https://console.example.jp"
META = {Platform.FACEBOOK, Platform.INSTAGRAM, Platform.THREADS}


@dataclass
class Visitor:
    """One person in one browser."""

    person: User
    client: Client
    sandbox: Sandbox

    def typed(self, platform: Platform, **changes: str) -> dict[str, str]:
        """Everything that the platform's form asks for, right."""
        secret = FACEBOOK_APP_SECRET if platform in META else CLIENT_SECRET
        entries = {
            Platform.MASTODON: {},
            Platform.LINE: self.sandbox.store.credentials("line"),
            Platform.BLUESKY: {
                "identifier": f"@{OWN_HANDLE}.example",
                "app_password": BLUESKY_APP_PASSWORD,
            },
            Platform.LINE: self.sandbox.store.credentials(Platform.LINE.value),
        }.get(platform, {"client_id": CLIENT_ID, "client_secret": secret})
        server = self.sandbox.base_url(platform)
        return {"name": f"学会 {platform.label}", "server": server, **entries, **changes}

    def begin(self, platform: Platform, **changes: str) -> ConnectionAttempt:
        """Fill the form in and get to the page with the link."""
        url = reverse("platforms:connect_form", args=[platform])
        answer = self.client.post(url, self.typed(platform, **changes))
        assert answer.status_code == 302, answer.content.decode()
        return ConnectionAttempt.objects.latest("pk")

    def address(self, attempt: ConnectionAttempt) -> str:
        """The link to the platform, as the page shows it."""
        page = self.client.get(reverse("platforms:connect_attempt", args=[attempt.pk]))
        found: str = page.context["address"]
        assert found.replace("&", "&amp;") in page.content.decode()
        return found

    def answer(
        self, address: str, *, yes: bool = True, without: frozenset[str] = frozenset()
    ) -> str:
        """Answer on the platform's page; return the address to which it sends one back."""
        assert requests.get(address, timeout=10).status_code == 200
        parts = urlsplit(address)
        asked = parse_qs(parts.query).get("scope", [""])[0].replace(",", " ").split()
        decide = parts._replace(path=f"{parts.path}/decide").geturl()
        params: dict[str, Any] = {
            "answer": "yes" if yes else "no",
            "grant": [scope for scope in asked if scope not in without],
        }
        back = requests.get(decide, params=params, allow_redirects=False, timeout=10)
        assert back.status_code == 302, back.text
        location = back.headers["Location"]
        assert location.startswith(f"{SITE}/channels/connect/back/")
        return location.removeprefix(SITE)

    def connect(self, platform: Platform, **changes: str) -> Any:
        """The whole way, up to the page that the console shows then."""
        attempt = self.begin(platform, **changes)
        return self.client.get(self.answer(self.address(attempt)), follow=True)

    def token_calls(self) -> list[str]:
        """What was sent to exchange something."""
        ends = ("token", "access_token")
        return [r.path for _, r in self.sandbox.requests if r.path.endswith(ends)]


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[Sandbox]:
    settings.CHANNEL_LOOPBACK_HOSTS = ("127.0.0.1",)
    settings.SITE_URL = SITE
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def visitor(people: People, sandbox: Sandbox) -> Visitor:
    return Visitor(people.admin, client_of(people.admin), sandbox)

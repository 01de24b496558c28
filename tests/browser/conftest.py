"""A real Chromium against the live server, and a sandbox with three connected accounts."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from jspm_social.platforms.connect import connect_channel
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox
from moderation.services.pull import pull
from policy.data import COMMENTS
from policy.services import load_version_1
from tests.people import PASSWORD, People, make_people

PLATFORMS = (Platform.X, Platform.FACEBOOK, Platform.YOUTUBE)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Playwright's loop lives in this thread; the tests' own queries are plain and synchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("Chromium is missing; `make test` installs it, or says how.")
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield instance
        instance.close()


@dataclass
class Site:
    """The console as people meet it: an address, a browser, and platforms behind it."""

    url: str
    browser: Browser
    sandbox: Sandbox
    people: People
    channels: dict[Platform, Channel]
    contexts: list[BrowserContext]

    def log_in(self, username: str, *, width: int = 1280) -> Page:
        """Return a page of this person, in a browser session of their own."""
        context = self.browser.new_context(
            locale="ja-JP", timezone_id="Asia/Tokyo", viewport={"width": width, "height": 900}
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        page.on("console", _fail_on_error)
        page.goto(f"{self.url}/accounts/login/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="ログイン").click()
        return page

    def state(self, platform: Platform) -> dict[str, Any]:
        found: dict[str, Any] = self.sandbox.store.state()[platform.value]
        return found


def loaded(page: Page) -> Page:
    """The page, once it stands there whole.

    A click ends as soon as the answer begins to come in. What is read at that moment, without
    `expect`, is read from an empty document.
    """
    page.wait_for_load_state()
    return page


def fits(page: Page) -> None:
    """Nothing sticks out to the right."""
    wide = loaded(page).evaluate("document.documentElement.scrollWidth")
    assert page.viewport_size is not None
    assert wide <= page.viewport_size["width"], page.url


def _fail_on_error(message: Any) -> None:
    # A refused decision answers 409 and a refused form 422, on purpose; the browser reports both.
    on_purpose = any(f"status of {status}" in message.text for status in (409, 422))
    if message.type == "error" and not on_purpose:
        pytest.fail(f"browser console: {message.text}")


@pytest.fixture
def site(live_server: Any, browser: Browser, redis_clean: None) -> Iterator[Site]:
    load_version_1()
    people = make_people()
    with running_sandbox() as sandbox:
        sandbox.store.seed(records(150))
        channels = {
            platform: connect_channel(
                actor=None,
                platform=platform,
                name=f"日本緩和医療学会 {platform.label}",
                secrets=sandbox.store.credentials(platform),
                base_url=sandbox.base_url(platform),
            )
            for platform in PLATFORMS
        }
        for channel in channels.values():
            assert pull(channel=channel) > 0
        found = Site(live_server.url, browser, sandbox, people, channels, [])
        yield found
        for context in found.contexts:
            context.close()


def records(count: int) -> list[dict[str, Any]]:
    """Return the first labelled comments of both files that the sandbox's platforms carry."""
    lines = [line for path in COMMENTS for line in Path(path).read_text("utf-8").splitlines()]
    found = [json.loads(line) for line in lines]
    return [record for record in found if record["platform"] in PLATFORMS][:count]

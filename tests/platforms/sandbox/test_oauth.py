"""The sandbox's sign-ins refuse what the platforms refuse."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from jspm_social.platforms.sandbox.oauth.dialog import DIALOGS
from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox

QUESTION = {
    "response_type": "code",
    "client_id": "sandbox-client",
    "redirect_uri": "https://console.example.jp/back?a=1",
    "state": "s",
    "scope": "one two",
    "code_challenge": "c",
    "code_challenge_method": "S256",
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


def page(sandbox: Sandbox, platform: str, **changes: str | None) -> requests.Response:
    params = {k: v for k, v in (QUESTION | changes).items() if v is not None}
    url = f"{sandbox.base_url(platform)}/{'/'.join(DIALOGS[platform].path)}"
    return requests.get(url, params=params, timeout=10)


@pytest.mark.parametrize("platform", DIALOGS)
def test_page_asks_and_offers_both_answers(sandbox: Sandbox, platform: str) -> None:
    shown = page(sandbox, platform)
    assert shown.status_code == 200
    assert "許可する" in shown.text
    assert "拒否する" in shown.text


@pytest.mark.parametrize(
    ("platform", "changes"),
    [
        ("x", {"code_challenge": None}),
        ("x", {"code_challenge_method": "plain"}),
        ("x", {"state": "s" * 501}),
        ("facebook", {"client_id": "another"}),
        ("threads", {"redirect_uri": "javascript:alert(1)"}),
        ("youtube", {"response_type": "token"}),
        ("mastodon", {"state": None}),
    ],
)
def test_a_wrong_question_is_refused(
    sandbox: Sandbox, platform: str, changes: dict[str, Any]
) -> None:
    assert page(sandbox, platform, **changes).status_code == 400


def test_what_is_asked_is_shown_as_text(sandbox: Sandbox) -> None:
    shown = page(sandbox, "x", scope="<script>alert(1)</script>")
    assert "<script>" not in shown.text

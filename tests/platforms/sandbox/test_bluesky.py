"""What the sandbox took over from the real network (tests/real compares the two)."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from jspm_social.platforms.sandbox import bluesky as wire
from jspm_social.platforms.sandbox.model import HIDDEN, VISIBLE
from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox

PUT, DELETE = "com.atproto.repo.putRecord", "com.atproto.repo.deleteRecord"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


def say(sandbox: Sandbox) -> str:
    record = {"id": "c1", "platform": "bluesky", "post": {"id": "p1"}, "author": {"id": "a1"}}
    made = sandbox.store.add_comment(
        {**record, "text": "返信", "created_at": "2026-11-01T00:00:00Z"}
    )
    assert made
    return made


def call(sandbox: Sandbox, name: str, body: Any, token: str | None = None) -> requests.Response:
    bearer = sandbox.store.credentials("bluesky")["access_token"] if token is None else token
    return requests.post(
        f"{sandbox.base_url('bluesky')}/xrpc/{name}",
        json=body,
        headers={"Authorization": f"Bearer {bearer}"} if bearer else {},
        timeout=5,
    )


def gate(sandbox: Sandbox, hidden: str) -> dict[str, Any]:
    root = sandbox.store.world("bluesky").comments[hidden].post_id
    record = {"$type": wire.GATE, "post": root, "createdAt": "2026-11-01T00:00:00Z"}
    place = {"repo": wire.OWN, "collection": wire.GATE, "rkey": root.rpartition("/")[2]}
    return {**place, "record": record | {"hiddenReplies": [hidden]}}


def refusal(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_what_is_no_token_is_told_from_one_that_expired(sandbox: Sandbox) -> None:
    refresh = "com.atproto.server.refreshSession"
    assert refusal(call(sandbox, PUT, {}, token="nonsense")) == (400, "InvalidToken")
    assert refusal(call(sandbox, PUT, {}, token="")) == (401, "AuthMissing")
    assert refusal(call(sandbox, refresh, None, token="")) == (401, "AuthMissing")
    assert refusal(call(sandbox, refresh, None)) == (400, "InvalidToken")  # an access token
    sandbox.store.expire_token("bluesky")
    assert refusal(call(sandbox, PUT, {})) == (400, "ExpiredToken")


def test_the_same_record_once_more_is_taken_whatever_it_swaps(sandbox: Sandbox) -> None:
    body = gate(sandbox, say(sandbox))
    assert call(sandbox, PUT, {**body, "swapRecord": None}).ok
    assert call(sandbox, PUT, {**body, "swapRecord": None}).ok
    body["record"] |= {"hiddenReplies": []}
    assert refusal(call(sandbox, PUT, {**body, "swapRecord": None})) == (400, "InvalidSwap")


def test_without_its_threadgate_a_thread_is_open_again(sandbox: Sandbox) -> None:
    made = say(sandbox)
    body = gate(sandbox, made)
    call(sandbox, PUT, body)
    comment = sandbox.store.world("bluesky").comments[made]
    assert comment.state == HIDDEN
    assert "commit" in call(sandbox, DELETE, body).json()
    assert sandbox.store.world("bluesky").comments[made].state == VISIBLE
    assert call(sandbox, DELETE, body).json() == {}


def test_nobody_writes_into_the_records_of_others(sandbox: Sandbox) -> None:
    body = gate(sandbox, say(sandbox)) | {"repo": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"}
    create = "com.atproto.repo.createRecord"
    for name in (PUT, create):
        assert refusal(call(sandbox, name, body)) == (401, "AuthenticationRequired")


def test_a_mute_does_not_ask_whether_there_is_such_a_person(sandbox: Sandbox) -> None:
    mute = "app.bsky.graph.muteActor"
    assert call(sandbox, mute, {"actor": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"}).content == b""
    assert refusal(call(sandbox, mute, {"actor": "nobody"})) == (400, "InvalidRequest")

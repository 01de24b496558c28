"""The doors: who is let in, what is kept of it, and what a refusal costs."""

import json
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from jspm_social.audit.models import AuditEvent
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.models import Channel, Credential, WebhookAddress, WebhookDelivery
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox import hook_bodies
from jspm_social.platforms.states import ChannelState
from jspm_social.platforms.webhooks import address_of, inbox, signatures, views
from jspm_social.platforms.webhooks.refusals import tell_rest

from .bodies import OWN, PLATFORMS, SECRET, Hook, body_of

pytestmark = pytest.mark.django_db

NESTED = b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}"


@pytest.fixture(params=PLATFORMS, ids=str)
def hook(request: pytest.FixtureRequest, db: None) -> Hook:
    return Hook(request.param)


@pytest.fixture(autouse=True)
def woken() -> Iterator[mock.Mock]:
    """The queue: whoever would wake a worker is noted here."""
    with mock.patch.object(inbox, "enqueue") as enqueue:
        yield enqueue


def refusals() -> list[dict[str, Any]]:
    events = AuditEvent.objects.filter(verb=Verb.WEBHOOK_REFUSED).order_by("id")
    return [event.details for event in events]


def kept() -> int:
    return WebhookDelivery.objects.count()


# --- what is let in


def test_a_signed_delivery_is_kept_once_and_a_worker_is_woken(hook: Hook, woken: mock.Mock) -> None:
    assert hook.send(body_of(hook.platform)) == 200
    row = WebhookDelivery.objects.get()
    assert (row.channel, row.state, row.attempts) == (hook.channel, "waiting", 0)
    woken.assert_called_once_with("moderation.jobs.take_delivery", row.pk, queue="intake")
    assert not AuditEvent.objects.exists()


def test_the_same_again_is_accepted_and_not_kept(hook: Hook, woken: mock.Mock) -> None:
    body = body_of(hook.platform)
    assert [hook.send(body) for _ in range(3)] == [200, 200, 200]
    assert kept() == 1
    assert woken.call_count == 1
    assert hook.send(body_of(hook.platform, 2)) == 200
    assert kept() == 2


def test_line_tells_the_same_event_again_as_a_redelivery(woken: mock.Mock) -> None:
    hook = Hook(Platform.LINE)
    body = body_of(Platform.LINE)
    again = json.loads(json.dumps(body))
    again["events"][0]["deliveryContext"]["isRedelivery"] = True
    assert [hook.send(body), hook.send(again)] == [200, 200]
    assert kept() == 1


def test_without_events_nothing_is_kept(hook: Hook) -> None:
    empty: dict[Platform, Any] = {
        Platform.LINE: {"destination": OWN[Platform.LINE], "events": []},
        Platform.X: {"data": {}},
    }
    assert hook.send(empty.get(hook.platform, {"object": "page", "entry": []})) == 200
    assert kept() == 0
    assert refusals() == []


def test_a_charset_beside_the_kind_is_fine(hook: Hook) -> None:
    body = body_of(hook.platform)
    assert hook.send(body, content_type="application/json; charset=utf-8") == 200


def test_no_session_is_read_or_made_and_one_row_is_written(hook: Hook) -> None:
    path, body = hook.path, body_of(hook.platform)
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        mock.patch.object(Hook, "path", path),
    ):
        answer = hook.send(body)
    assert answer == 200
    assert not hook.client.cookies
    sql = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert [line.split()[0] for line in sql] == ["SELECT", "SELECT", "INSERT"]
    assert not any("session" in line for line in sql)


def test_a_logged_in_person_gets_no_further(hook: Hook) -> None:
    """CSRF does not apply here, so a browser's cookies must count for nothing."""
    assert hook.client.post(hook.path, b"{}", content_type="application/json").status_code == 403
    assert kept() == 0


# --- what is not


def test_a_forgery_is_refused_and_told(hook: Hook, woken: mock.Mock) -> None:
    assert hook.send(body_of(hook.platform), secret="another") == 403
    assert kept() == 0
    woken.assert_not_called()
    event = AuditEvent.objects.get()
    assert (event.verb, event.channel) == ("webhook.refused", hook.channel.pk)
    assert event.details == {"reason": "署名が一致しません", "count": 1}


def test_a_signature_is_needed(hook: Hook) -> None:
    raw = json.dumps(body_of(hook.platform)).encode()
    assert hook.client.post(hook.path, raw, content_type="application/json").status_code == 403


def test_the_signature_of_another_body_is_refused(hook: Hook) -> None:
    from jspm_social.platforms.webhooks.wires import WIRES

    wire = WIRES[hook.platform]
    other = wire.sign(SECRET, json.dumps(body_of(hook.platform, 2)).encode())
    assert hook.send(body_of(hook.platform), headers={wire.header: other}) == 403


def test_an_oversized_body_is_refused_unread(hook: Hook) -> None:
    path = hook.path
    with mock.patch("django.core.handlers.wsgi.LimitedStream.read") as read:
        status = hook.client.generic(
            "POST", path, b" " * (views.MOST_BYTES + 1), content_type="application/json"
        ).status_code
    assert status == 413
    read.assert_not_called()
    assert refusals() == [{"reason": "大きすぎます", "count": 1}]


def test_the_largest_body_is_read(hook: Hook) -> None:
    body = json.dumps(body_of(hook.platform)).encode()
    assert hook.send(body + b" " * (views.MOST_BYTES - len(body))) == 200


@pytest.mark.parametrize(
    ("length", "status"), [("", 411), ("-1", 411), ("9" * 5000, 413), ("1e3", 411)]
)
def test_an_absurd_length_is_refused(hook: Hook, length: str, status: int) -> None:
    assert hook.send(body_of(hook.platform), CONTENT_LENGTH=length) == status
    assert kept() == 0


@pytest.mark.parametrize(
    "raw",
    [
        b" ",
        b"{",
        b'{"data":',
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe{}",
        b'{"n":' + b"9" * 5000 + b"}",
        NESTED,
        b"[" * 10_000,
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_what_is_no_json_object_is_refused_though_signed(hook: Hook, raw: bytes) -> None:
    assert hook.send(raw) == 400
    assert kept() == 0
    assert refusals() == [{"reason": "読み取れません", "count": 1}]


def test_truncated_json_is_refused(hook: Hook) -> None:
    raw = json.dumps(body_of(hook.platform)).encode()
    assert hook.send(raw[:-5]) == 400
    assert kept() == 0


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_another_kind_of_content_is_refused(hook: Hook, kind: str) -> None:
    assert hook.send(body_of(hook.platform), content_type=kind) == 415
    assert kept() == 0
    assert refusals() == [{"reason": "JSONではありません", "count": 1}]


def test_what_was_signed_long_ago_is_refused(hook: Hook) -> None:
    body = body_of(hook.platform)
    with time_machine.travel(time_after(days=3, minutes=1)):
        assert hook.send(body) == 403
    assert kept() == 0
    assert refusals() == [{"reason": "古すぎます", "count": 1}]


def test_what_was_signed_two_days_ago_is_taken(hook: Hook) -> None:
    body = body_of(hook.platform)
    with time_machine.travel(time_after(days=2)):
        assert hook.send(body) == 200
    assert kept() == 1


def time_after(**more: float) -> Any:
    from datetime import UTC, datetime, timedelta

    return datetime.now(UTC) + timedelta(**more)


def test_hostile_shapes_never_break_the_door(hook: Hook) -> None:
    """Whatever stands where an object, a list or a text should be."""
    junks: tuple[Any, ...] = (None, 1, "x", [], {}, [[]], [None], [{}], {"id": []})
    for junk in junks:
        for body in (
            {"data": junk},
            {"data": {"payload": junk, "event_type": junk, "includes": junk, "filter": junk}},
            {"entry": junk},
            {"entry": [{"id": OWN[hook.platform], "changes": junk, "time": junk}]},
            {"entry": [{"id": OWN[hook.platform], "changes": [{"field": "feed", "value": junk}]}]},
            {"values": junk, "target_id": junk, "time": junk},
            {"values": {"field": "replies", "value": junk}, "target_id": OWN[hook.platform]},
            {"events": junk, "destination": OWN[hook.platform]},
            {"events": [{"type": "message", "message": junk, "source": junk, "timestamp": junk}]},
        ):
            assert hook.send(body) in {200, 403}  # 403: a time long ago
    assert kept() == 0


# --- floods


def test_a_flood_of_forgeries_is_one_event_a_minute_that_counts_them(hook: Hook) -> None:
    body = body_of(hook.platform)
    with time_machine.travel(time_after(), tick=False) as clock:
        for _ in range(50):
            assert hook.send(body, secret="another") == 403
        assert [event["count"] for event in refusals()] == [1]
        assert tell_rest() == 0  # the minute is not over
        clock.shift(61)
        assert tell_rest() == 1
        assert [event["count"] for event in refusals()] == [1, 49]
        clock.shift(61)
        assert tell_rest() == 0
        for _ in range(3):
            hook.send(body, secret="another")
        assert [event["count"] for event in refusals()] == [1, 49, 1]


def test_a_forgery_costs_three_statements(hook: Hook) -> None:
    """A look-up of the channel, one of its key, and one that counts."""
    body, path = body_of(hook.platform), hook.path
    hook.send(body, secret="another")  # the first one is told
    with CaptureQueriesContext(connection) as queries, mock.patch.object(Hook, "path", path):
        hook.send(body, secret="another")
    assert [query["sql"].split()[0] for query in queries] == ["SELECT", "SELECT", "INSERT"]


@pytest.mark.django_db(transaction=True)
def test_forgeries_at_once_are_all_counted() -> None:
    hook = Hook(Platform.LINE)
    path, body = hook.path, json.dumps(body_of(Platform.LINE)).encode()

    def knock() -> None:
        for _ in range(5):
            Client().post(path, body, content_type="application/json")
        connection.close()

    threads = [threading.Thread(target=knock) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with time_machine.travel(time_after(minutes=2)):
        tell_rest()
    assert sum(event["count"] for event in refusals()) == 20
    assert len(refusals()) == 2


# --- addresses


def test_another_address_is_not_found_and_nothing_is_written(hook: Hook) -> None:
    right = hook.path
    for wrong in (f"{right[:-1]}x/", right.replace(f"/{hook.platform}/", "/youtube/")):
        with CaptureQueriesContext(connection) as queries:
            assert (
                hook.client.post(wrong, b"{}", content_type="application/json").status_code == 404
            )
        assert [query["sql"].split()[0] for query in queries] in ([], ["SELECT"])
    assert not AuditEvent.objects.exists()


def test_a_token_opens_only_its_own_platforms_door() -> None:
    x, line = Hook(Platform.X), Hook(Platform.LINE)
    token = WebhookAddress.objects.get(channel=x.channel).token if x.path else ""
    assert line.client.post(reverse("webhooks:line", args=[token])).status_code == 404
    assert line.client.get(reverse("webhooks:meta", args=["facebook", token])).status_code == 404


def test_without_a_signing_key_the_address_does_not_exist(hook: Hook) -> None:
    address = address_of(hook.channel)
    assert address is not None
    assert address.ready
    Credential.objects.filter(channel=hook.channel).delete()
    address = address_of(hook.channel)
    assert address is not None
    assert not address.ready
    assert hook.send(body_of(hook.platform), secret="") == 404
    assert kept() == 0


def test_secrets_that_no_key_opens_close_the_door(hook: Hook, settings: Settings) -> None:
    from cryptography.fernet import Fernet

    path = hook.path
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    with mock.patch.object(Hook, "path", path):
        assert hook.send(body_of(hook.platform)) == 404


def test_an_address_is_made_once_and_cannot_be_guessed(hook: Hook) -> None:
    assert address_of(hook.channel) == address_of(hook.channel)
    token = WebhookAddress.objects.get(channel=hook.channel).token
    assert len(token) == 32
    other = Channel.objects.create(platform=hook.platform, name="other", account_id="o")
    assert token not in str(address_of(other))


def test_only_platforms_with_webhooks_have_an_address(db: None) -> None:
    for platform in (Platform.YOUTUBE, Platform.BLUESKY, Platform.MASTODON):
        channel = Channel.objects.create(platform=platform, name=platform, account_id=platform)
        assert address_of(channel) is None
    assert not WebhookAddress.objects.exists()


def test_a_disconnected_channel_has_no_door_and_a_paused_one_keeps(hook: Hook) -> None:
    Channel.objects.filter(pk=hook.channel.pk).update(state=ChannelState.PAUSED)
    assert hook.send(body_of(hook.platform)) == 200
    assert kept() == 1
    assert not inbox.due().exists()
    Channel.objects.filter(pk=hook.channel.pk).update(state=ChannelState.ACTIVE)
    assert inbox.due().count() == 1


# --- handshakes


def test_x_crc_is_answered() -> None:
    hook = Hook(Platform.X)
    answer = hook.client.get(hook.path, {"crc_token": "abc123"})
    assert answer.json() == {"response_token": signatures.x(SECRET, b"abc123")}
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("token", ["", '{"data":{}}', " ", "{", "a b", "あ", "a" * 257, "a\n"])
def test_x_crc_signs_nothing_that_could_be_an_event(token: str) -> None:
    hook = Hook(Platform.X)
    answer = hook.client.get(hook.path, {"crc_token": token})
    assert answer.status_code == 400
    assert b"sha256" not in answer.content
    assert len(refusals()) == 1


META = [Platform.FACEBOOK, Platform.INSTAGRAM, Platform.THREADS]


@pytest.mark.parametrize("platform", META, ids=str)
def test_meta_challenge_is_echoed_for_the_right_token(platform: Platform) -> None:
    hook = Hook(platform)
    asked = {
        "hub.mode": "subscribe",
        "hub.verify_token": hook.verify_token,
        "hub.challenge": "1158201444",
    }
    answer = hook.client.get(hook.path, asked)
    assert (answer.status_code, answer.content) == (200, b"1158201444")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    for change in (
        {"hub.verify_token": "wrong"},
        {"hub.verify_token": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": "<script>"},
        {"hub.challenge": ""},
    ):
        answer = hook.client.get(hook.path, asked | change)
        assert answer.status_code in {400, 403}
        assert answer.content == b""
    assert len(refusals()) == 1


def test_a_verify_token_among_the_secrets_is_the_one_that_counts() -> None:
    from jspm_social.platforms.vault import seal

    hook = Hook(Platform.FACEBOOK)
    derived = hook.verify_token
    secrets = {"app_secret": SECRET, "access_token": "t", "verify_token": "chosen by hand"}
    Credential.objects.filter(channel=hook.channel).update(sealed=seal(secrets))
    assert hook.verify_token == "chosen by hand"
    asked = {"hub.mode": "subscribe", "hub.challenge": "1"}
    for token, status in (("chosen by hand", 200), (derived, 403)):
        answer = hook.client.get(hook.path, asked | {"hub.verify_token": token})
        assert answer.status_code == status


def test_line_has_nothing_to_get() -> None:
    hook = Hook(Platform.LINE)
    assert hook.client.get(hook.path).status_code == 405


def test_no_log_line_holds_an_address(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    hook.send(body_of(hook.platform), secret="another")
    hook.client.post(f"{hook.path}x")
    hook.client.raise_request_exception = False
    with mock.patch.object(inbox, "keep", side_effect=RuntimeError("boom")):
        assert hook.send(body_of(hook.platform)) == 500
    logged = " ".join(record.getMessage() for record in caplog.records)
    assert "an error at /hooks/…" in logged
    assert hook.path not in logged


def test_answering_does_not_wait_for_the_work(hook: Hook) -> None:
    """Nothing of what a worker does is called inside the request."""
    with (
        mock.patch("moderation.services.deliveries.take", side_effect=AssertionError),
        mock.patch("moderation.services.triage.judge_comments", side_effect=AssertionError),
        mock.patch("moderation.services.intake.store_page", side_effect=AssertionError),
    ):
        assert hook.send(body_of(hook.platform)) == 200


def test_nothing_private_reaches_the_database() -> None:
    """A body that carries a direct message beside a comment: only the comment is kept."""
    hook = Hook(Platform.FACEBOOK)
    body = body_of(Platform.FACEBOOK, text="公開のコメント")
    private = hook_bodies.messenger(
        kind="page", own=OWN[Platform.FACEBOOK], text="HIMITSU", sender="9", now=time_after()
    )
    body["entry"] += private["entry"]
    assert hook.send(body) == 200
    (row,) = WebhookDelivery.objects.all()
    assert b"HIMITSU" not in bytes(row.body)
    assert b"5_1" in bytes(row.body)

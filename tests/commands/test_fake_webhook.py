"""Trying a webhook by hand: `fake_webhook` and `webhook_address`, against a live console."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.models import Channel, Credential, WebhookDelivery
from jspm_social.platforms.names import Platform
from tests.platforms.webhooks.bodies import PLATFORMS, Hook

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=PLATFORMS, ids=str)
def hook(
    request: pytest.FixtureRequest, live_server: Any, redis_clean: None, settings: Settings
) -> Hook:
    settings.SITE_URL = live_server.url
    return Hook(request.param)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue().strip()


def fake(hook: Hook, *more: str) -> str:
    return run("fake_webhook", "--channel", hook.channel.name, *more)


def test_a_comment_is_signed_sent_and_kept(hook: Hook) -> None:
    assert fake(hook, "--platform", hook.platform.value, "--text", "ためしの言葉") == "200"
    body = bytes(WebhookDelivery.objects.get().body).decode("unicode_escape")
    assert ("ためしの言葉" in body) == (hook.platform != Platform.INSTAGRAM)


def test_a_forgery_is_refused(hook: Hook) -> None:
    assert fake(hook, "--forge") == "403"
    assert not WebhookDelivery.objects.exists()
    assert AuditEvent.objects.get().verb == "webhook.refused"


def test_the_handshake(hook: Hook) -> None:
    assert fake(hook, "--handshake") == "handshake: right"
    assert fake(hook, "--handshake", "--forge") == "handshake: failed"
    assert not WebhookDelivery.objects.exists()


def test_without_events(hook: Hook) -> None:
    assert fake(hook, "--empty") == "200"
    assert not WebhookDelivery.objects.exists()


def test_a_body_from_a_file(hook: Hook, tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_bytes(b'{"cut')
    assert fake(hook, "--file", str(file)) == "400"
    file.write_text(json.dumps({"entry": []}))
    assert fake(hook, "--file", str(file)) == "200"
    with pytest.raises(CommandError, match="missing"):
        fake(hook, "--file", str(tmp_path / "missing.json"))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.line.me/hook",
        "http://192.168.0.1/hooks/",
        "http://127.0.0.1.example.org/",
        "http://127.0.0.1@example.org/",
        "file:///etc/passwd",
        "//127.0.0.1/",
        "nonsense",
    ],
)
def test_nothing_is_sent_beyond_this_machine(db: None, url: str) -> None:
    hook = Hook(Platform.LINE)
    with pytest.raises(CommandError, match="このコンピューター"):
        fake(hook, "--url", url)


def test_a_site_that_is_elsewhere_is_refused_too(db: None, settings: Settings) -> None:
    settings.SITE_URL = "https://console.example.jp"
    with pytest.raises(CommandError, match="このコンピューター"):
        fake(Hook(Platform.X))


def test_nobody_answers(db: None) -> None:
    assert fake(Hook(Platform.X), "--url", "http://127.0.0.1:9/") == "no answer"


def test_another_platform_than_the_channels_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="LINEのアカウント"):
        fake(Hook(Platform.LINE), "--platform", "x")


def test_platforms_without_webhooks_are_refused(db: None) -> None:
    Channel.objects.create(platform=Platform.YOUTUBE, name="YT", account_id="1")
    for command in (("fake_webhook", "--channel", "YT"), ("webhook_address", "YT")):
        with pytest.raises(CommandError, match="Webhookがありません"):
            run(*command)


def test_the_address_is_shown_for_copying(hook: Hook) -> None:
    shown = run("webhook_address", hook.channel.name)
    assert hook.path in shown
    assert ("verify token" in shown) == bool(hook.verify_token)
    assert "応答しません" not in shown
    Credential.objects.all().delete()
    assert "応答しません" in run("webhook_address", str(hook.channel.pk))

"""Connecting an account and reading it, from the command line."""

import json
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.contract import RemoteComment
from jspm_social.platforms.models import Channel, Credential
from jspm_social.platforms.names import Platform
from jspm_social.platforms.registry import credential_fields
from jspm_social.platforms.sandbox.server import Sandbox, start
from jspm_social.platforms.states import ChannelState
from moderation.models import Case, Comment
from policy.models import RuleSet
from tests.moderation.small_policy import MILD, load_small_policy


@pytest.fixture(autouse=True)
def policy(db: None) -> RuleSet:
    return load_small_policy()


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[Sandbox]:
    settings.CHANNEL_LOOPBACK_HOSTS = ("127.0.0.1",)
    sandbox = start()
    yield sandbox
    sandbox.stop()


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def connect(
    sandbox: Sandbox, tmp_path: Path, platform: str = "x", name: str = "学会", **changed: str
) -> str:
    secrets = sandbox.store.credentials(platform)
    wanted = credential_fields(Platform(platform))
    file = tmp_path / f"{platform}.json"
    given = {key: secrets[key] for key in wanted if secrets.get(key)} | changed
    file.write_text(json.dumps(given), encoding="utf-8")
    return connect_with(file, sandbox.base_url(platform), platform, name)


def connect_with(file: Path, base_url: str, platform: str = "x", name: str = "学会") -> str:
    return run(
        "connect_channel",
        *("--platform", platform),
        *("--name", name),
        *("--base-url", base_url),
        *("--credentials", str(file)),
    )


@pytest.mark.parametrize("platform", ["x", "facebook", "youtube"])
def test_connect_prints_the_account_and_no_secret(
    sandbox: Sandbox, tmp_path: Path, platform: str
) -> None:
    printed = connect(sandbox, tmp_path, platform)
    channel = Channel.objects.get()
    assert printed == f"{channel}: {channel.account_name} ({channel.account_id})\n"
    assert channel.state == ChannelState.ACTIVE
    assert not any(secret in printed for secret in channel.access().secrets.values())


def test_connect_with_a_wrong_token_says_so_and_stores_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="接続できませんでした（AuthExpired") as refused:
        connect(sandbox, tmp_path, "facebook", access_token="wrong-token")
    assert "wrong-token" not in str(refused.value)
    assert not Channel.objects.exists()


def test_connect_names_missing_secrets(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "few.json"
    file.write_text('{"access_token": "t"}', encoding="utf-8")
    with pytest.raises(CommandError, match="認証情報が足りません：app_secret"):
        connect_with(file, sandbox.base_url("facebook"), "facebook")


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "Expecting"), ("[]", "not a JSON object"), (None, "No such file")],
)
def test_connect_with_an_unreadable_file_says_so(
    tmp_path: Path, content: str | None, message: str
) -> None:
    file = tmp_path / "some.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match=message):
        connect_with(file, "")


def say(sandbox: Sandbox, number: int, text: str, platform: str = "x") -> None:
    sandbox.store.add_comment(
        {
            "id": f"c{number}",
            "platform": platform,
            "post": {"id": "p1", "text": "お知らせ"},
            "author": {"id": f"a{number}", "name": "名前", "handle": "who"},
            "text": text,
            "created_at": f"2026-04-01T10:{number:02}:00+09:00",
        }
    )


def test_sync_reads_and_judges_all_channels(sandbox: Sandbox, tmp_path: Path) -> None:
    connect(sandbox, tmp_path, "x", "一つ目")
    connect(sandbox, tmp_path, "facebook", "二つ目")
    say(sandbox, 1, f"大会の{MILD}について")
    say(sandbox, 2, "大会で会いましょう", "facebook")
    assert set(run("sync").splitlines()) == {
        "一つ目: 1 new or edited (稼働中)",
        "二つ目: 1 new or edited (稼働中)",
    }
    assert Comment.objects.filter(judged_at__isnull=False).count() == 2
    assert Case.objects.get().labels == ["エ"]
    assert all("0 new or edited" in line for line in run("sync").splitlines())


def test_sync_of_one_channel_by_name_or_number(sandbox: Sandbox, tmp_path: Path) -> None:
    connect(sandbox, tmp_path, "x", "一つ目")
    connect(sandbox, tmp_path, "facebook", "二つ目")
    assert run("sync", "--channel", "一つ目").startswith("一つ目: 0 new")
    number = str(Channel.objects.get(platform="facebook").pk)
    assert run("sync", "--channel", number).startswith("二つ目: 0 new")


@pytest.mark.parametrize("wanted", ["知らない学会", "404"])
def test_sync_of_an_unknown_channel_says_so(wanted: str) -> None:
    with pytest.raises(CommandError, match=f"no channel '{wanted}'"):
        run("sync", "--channel", wanted)


def test_sync_tells_trouble_and_goes_on(sandbox: Sandbox, tmp_path: Path) -> None:
    connect(sandbox, tmp_path, "facebook", "一つ目")
    connect(sandbox, tmp_path, "x", "二つ目")
    Channel.objects.get(platform="facebook").credential.replace(
        {"access_token": "dead", "app_secret": "dead"}
    )
    lines = run("sync").splitlines()
    assert "AuthExpired" in lines[0]
    assert lines[1] == "二つ目: 0 new or edited (稼働中)"
    assert Channel.objects.get(platform="facebook").state == ChannelState.RECONNECT


def test_sync_tells_an_error_of_our_own_without_its_message(
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A page that we cannot take must not leave the channel looking well."""
    connect(sandbox, tmp_path, "facebook", "一つ目")
    say(sandbox, 1, "ひみつの本文", "facebook")

    def poison(*, comments: Sequence[RemoteComment], **_: object) -> None:
        raise KeyError(comments[0].text)

    monkeypatch.setattr("moderation.services.pull.store_page", poison)
    assert run("sync") == "一つ目: 0 new or edited (KeyError: an error of the console itself)\n"
    channel = Channel.objects.get()
    assert (channel.state, channel.cursor.leased_until) == (ChannelState.ACTIVE, None)
    assert "in poison" in caplog.text
    assert "ひみつ" not in caplog.text


def test_sync_of_a_channel_whose_secrets_no_key_opens_asks_for_a_reconnection(
    sandbox: Sandbox, tmp_path: Path, settings: Settings
) -> None:
    connect(sandbox, tmp_path)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    assert "AuthExpired: no key opens the stored secrets" in run("sync")
    assert Channel.objects.get().state == ChannelState.RECONNECT


def test_rotating_keeps_every_channel_readable(
    sandbox: Sandbox, tmp_path: Path, settings: Settings
) -> None:
    connect(sandbox, tmp_path)
    new = Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [new, *settings.CREDENTIAL_KEYS]
    run("rotate_credentials")
    settings.CREDENTIAL_KEYS = [new]
    assert run("sync").startswith("学会: 0 new or edited (稼働中)")


def test_a_channel_is_paused_and_resumed(sandbox: Sandbox, tmp_path: Path) -> None:
    connect(sandbox, tmp_path)
    say(sandbox, 1, "大会で会いましょう")
    assert run("pause_channel", "学会") == "学会: 一時停止\n"
    assert run("sync") == ""
    with pytest.raises(CommandError, match="学会はいま「一時停止」です。"):
        run("pause_channel", "学会")
    assert run("resume_channel", str(Channel.objects.get().pk)) == "学会: 稼働中\n"
    assert run("sync").startswith("学会: 1 new")
    events = AuditEvent.objects.filter(verb="channel.state").order_by("pk")
    assert [event.details["state"] for event in events] == ["paused", "active"]


def test_a_channel_is_disconnected_and_its_secrets_are_gone(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    connect(sandbox, tmp_path)
    assert run("disconnect_channel", "学会") == "学会: 切断済み\n"
    assert not Credential.objects.exists()
    assert AuditEvent.objects.latest("pk").details == {"state": "disconnected"}
    for command in ("pause_channel", "resume_channel", "disconnect_channel"):
        with pytest.raises(CommandError, match="切断済み"):
            run(command, "学会")
    connect(sandbox, tmp_path)
    assert Channel.objects.get().state == ChannelState.ACTIVE


def test_pausing_an_unknown_channel_says_so() -> None:
    with pytest.raises(CommandError, match="no channel '知らない学会'"):
        run("pause_channel", "知らない学会")

"""What is typed: said clearly, kept where it may be kept, and never a secret shown again."""

import pytest
from cryptography.fernet import Fernet
from django.urls import reverse
from pytest_django.fixtures import Settings

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.adapters.bluesky.session import Session
from jspm_social.platforms.connecting.guide import GUIDES
from jspm_social.platforms.models import Channel, ConnectionAttempt, Credential
from jspm_social.platforms.names import Platform
from jspm_social.platforms.registry import CLIENTS, credential_fields
from jspm_social.platforms.sandbox.ids import OWN_IDS
from jspm_social.platforms.states import ChannelState

from .conftest import SITE, Visitor

KEYS = [platform for platform in (Platform.BLUESKY,) if platform in CLIENTS]


def form_url(platform: Platform) -> str:
    return reverse("platforms:connect_form", args=[platform])


def test_every_platform_is_explained() -> None:
    assert set(GUIDES) == set(Platform)
    for guide in GUIDES.values():
        assert guide.steps
        assert guide.place_url.startswith("https://")
        assert guide.lifetime.endswith("。")


@pytest.mark.parametrize("platform", KEYS)
def test_what_is_typed_are_the_credentials(platform: Platform) -> None:
    typed = {entry.name for entry in GUIDES[platform].entries}
    assert typed <= set(credential_fields(platform))


@pytest.mark.parametrize("platform", CLIENTS)
def test_form_says_what_is_needed_and_where_it_is(visitor: Visitor, platform: Platform) -> None:
    page = visitor.client.get(form_url(platform)).content.decode()
    guide = GUIDES[platform]
    assert all(step in page for step in guide.steps)
    assert guide.place_url in page
    assert all(entry.label in page for entry in guide.entries)
    callback = f"{SITE}/channels/connect/back/{platform}/"
    assert (callback in page) is guide.redirects


def test_platforms_are_offered_that_there_are_adapters_for(visitor: Visitor) -> None:
    page = visitor.client.get(reverse("platforms:connect")).content.decode()
    assert all(form_url(platform) in page for platform in Platform if platform in CLIENTS)


@pytest.mark.parametrize("platform", CLIENTS)
def test_an_empty_form_says_what_is_missing(visitor: Visitor, platform: Platform) -> None:
    answer = visitor.client.post(form_url(platform), {})
    assert answer.status_code == 422
    needed = [entry for entry in GUIDES[platform].entries if entry.required]
    server = GUIDES[platform].server
    count = 1 + len(needed) + bool(server and server.required)
    assert answer.content.decode().count("このフィールドは必須です。") == count
    assert not ConnectionAttempt.objects.exists()


@pytest.mark.parametrize("platform", CLIENTS)
def test_after_a_mistake_all_is_still_there_but_the_secrets(
    visitor: Visitor, platform: Platform
) -> None:
    typed = visitor.typed(platform) | {"server": "これは／アドレスではない"}
    answer = visitor.client.post(form_url(platform), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "アドレスを読み取れません" in page
    secret = {entry.name for entry in GUIDES[platform].entries if entry.secret}
    for name, value in typed.items():
        assert (f'value="{value}"' in page) is (name not in secret), name
    assert ("もう一度入力してください" in page) is bool(secret)


def test_a_name_that_is_taken_is_said_before_anything_is_asked(visitor: Visitor) -> None:
    Channel.objects.create(platform=Platform.X, name="学会 X", account_id="1")
    answer = visitor.client.post(form_url(Platform.X), visitor.typed(Platform.X))
    assert answer.status_code == 422
    assert "同じ名称のアカウントがあります" in answer.content.decode()
    assert not ConnectionAttempt.objects.exists()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mastodon.example", "https://mastodon.example"),
        (" https://mastodon.example/ ", "https://mastodon.example"),
        ("https://mastodon.example/@jspm", "https://mastodon.example"),
        ("@jspm@mastodon.example", "https://mastodon.example"),
    ],
)
def test_a_server_is_understood_however_it_is_written(
    visitor: Visitor, typed: str, meant: str
) -> None:
    from jspm_social.platforms.connecting.forms import ConnectForm

    form = ConnectForm({"name": "学会", "server": typed}, platform=Platform.MASTODON)
    assert form.is_valid(), form.errors
    assert form.base_url == meant


@pytest.mark.parametrize("typed", ["http://mastodon.example", "ftp://a.example", "https://a b/"])
def test_a_server_without_https_is_refused(visitor: Visitor, typed: str) -> None:
    answer = visitor.client.post(form_url(Platform.MASTODON), {"name": "学会", "server": typed})
    assert answer.status_code == 422
    assert visitor.sandbox.requests == []


def test_a_server_that_does_not_answer_is_said(visitor: Visitor) -> None:
    visitor.sandbox.faults.add("5xx", platform="mastodon", match="POST /api/v1/apps")
    answer = visitor.client.post(form_url(Platform.MASTODON), visitor.typed(Platform.MASTODON))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "返事を受け取れませんでした" in page
    assert "学会 Mastodon" in page


def test_the_field_for_practice_is_there_only_where_a_practice_server_may_be(
    visitor: Visitor, settings: Settings
) -> None:
    assert "練習用サーバー" in visitor.client.get(form_url(Platform.X)).content.decode()
    settings.CHANNEL_LOOPBACK_HOSTS = ()
    assert "練習用サーバー" not in visitor.client.get(form_url(Platform.X)).content.decode()


# --- platforms without a page of their own


def test_bluesky_is_connected_with_an_app_password(visitor: Visitor) -> None:
    page = visitor.client.post(
        form_url(Platform.BLUESKY), visitor.typed(Platform.BLUESKY), follow=True
    )
    channel = Channel.objects.get()
    assert "を接続しました。" in page.content.decode()
    assert channel.account_id == OWN_IDS["bluesky"]
    assert channel.access().secrets["refresh_token"]
    assert AuditEvent.objects.latest("pk").actor_id == visitor.person.pk


def test_a_wrong_app_password_is_said(visitor: Visitor) -> None:
    typed = visitor.typed(Platform.BLUESKY, app_password="wrong-wrong")
    answer = visitor.client.post(form_url(Platform.BLUESKY), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Blueskyに、この接続を断られました" in page
    assert "wrong-wrong" not in page
    assert not Channel.objects.exists()


@pytest.mark.parametrize("scope", ["com.atproto.access", "com.atproto.appPassPrivileged"])
def test_an_account_s_password_or_one_for_messages_is_refused(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, scope: str
) -> None:
    monkeypatch.setattr(Session, "scope", lambda _: frozenset({scope}))
    answer = visitor.client.post(form_url(Platform.BLUESKY), visitor.typed(Platform.BLUESKY))
    assert answer.status_code == 422
    assert "アプリパスワードを入力してください" in answer.content.decode()
    assert not Channel.objects.exists()
    assert not Credential.objects.exists()


# --- connecting again


def test_reconnecting_needs_nothing_typed_again(visitor: Visitor) -> None:
    visitor.connect(Platform.X)
    channel = Channel.objects.get()
    visitor.sandbox.store.expire_token("x", revoked=True)
    Channel.objects.update(state=ChannelState.RECONNECT, trouble="AuthExpired: 401")
    url = reverse("platforms:reconnect", args=[channel.pk])
    page = visitor.client.get(url).content.decode()
    assert page.count("空のままなら、保存してあるものを使います。") == 2
    assert "sandbox-client" not in page
    assert visitor.client.post(url, {}).status_code == 302
    attempt = ConnectionAttempt.objects.get()
    visitor.client.get(visitor.answer(visitor.address(attempt)))
    again = Channel.objects.get()
    assert (again.pk, again.name, again.state, again.trouble) == (
        channel.pk,
        channel.name,
        ChannelState.ACTIVE,
        "",
    )
    assert again.access().secrets["access_token"] == "sandbox-x-access-1"


def test_reconnecting_with_another_account_is_refused(visitor: Visitor) -> None:
    visitor.connect(Platform.X)
    Channel.objects.update(account_id="1234", account_name="jspm_other")
    channel = Channel.objects.get()
    before = channel.access().secrets
    visitor.client.post(reverse("platforms:reconnect", args=[channel.pk]), {})
    attempt = ConnectionAttempt.objects.get()
    page = visitor.client.get(visitor.answer(visitor.address(attempt)), follow=True)
    shown = page.content.decode()
    assert "許可されたのは別のアカウント（jspm_sandbox）です。" in shown
    assert "jspm_otherでログインして" in shown
    assert Channel.objects.get().access().secrets == before


def test_reconnecting_a_page_does_not_ask_which(visitor: Visitor) -> None:
    visitor.connect(Platform.FACEBOOK)
    url = reverse("platforms:connect_choose", args=[ConnectionAttempt.objects.get().pk])
    visitor.client.post(url, {"account": "0"})
    channel = Channel.objects.get()
    visitor.client.post(reverse("platforms:reconnect", args=[channel.pk]), {})
    attempt = ConnectionAttempt.objects.get()
    page = visitor.client.get(visitor.answer(visitor.address(attempt)), follow=True)
    assert "を接続しました。" in page.content.decode()
    assert Channel.objects.count() == 1


def test_reconnecting_what_was_disconnected_asks_for_the_secrets(visitor: Visitor) -> None:
    visitor.connect(Platform.X)
    channel = Channel.objects.get()
    visitor.client.post(reverse("platforms:disconnect", args=[channel.pk]), {"understood": "on"})
    url = reverse("platforms:reconnect", args=[channel.pk])
    assert visitor.client.post(url, {}).status_code == 422
    typed = visitor.typed(Platform.X)
    assert visitor.client.post(url, typed).status_code == 302
    visitor.client.get(visitor.answer(visitor.address(ConnectionAttempt.objects.get())))
    assert Channel.objects.get().state == ChannelState.ACTIVE


def test_reconnecting_works_when_no_key_opens_the_old_secrets(
    visitor: Visitor, settings: Settings
) -> None:
    visitor.connect(Platform.X)
    channel = Channel.objects.get()
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    url = reverse("platforms:reconnect", args=[channel.pk])
    assert visitor.client.post(url, {}).status_code == 422
    assert visitor.client.post(url, visitor.typed(Platform.X)).status_code == 302
    visitor.client.get(visitor.answer(visitor.address(ConnectionAttempt.objects.get())))
    assert Channel.objects.get().access().secrets["access_token"]

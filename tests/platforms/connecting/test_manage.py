"""The page of a connection: what was found, test, pause, resume, disconnect."""

from typing import Any

import pytest
from django.urls import reverse

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.capabilities import MATRIX, Offer
from jspm_social.platforms.connect import connect_channel
from jspm_social.platforms.models import Channel, Credential
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.oauth import scopes
from jspm_social.platforms.registry import CLIENTS
from jspm_social.platforms.states import ChannelState
from jspm_social.platforms.webhooks import address_of
from tests.people import People, client_of

from .conftest import Visitor


def connected(visitor: Visitor, platform: Platform = Platform.X, **more: Any) -> Channel:
    return connect_channel(
        actor=None,
        platform=platform,
        name=f"学会 {platform.label}",
        secrets=visitor.sandbox.store.credentials(platform),
        base_url=visitor.sandbox.base_url(platform),
        **more,
    )


def page_of(visitor: Visitor, channel: Channel) -> str:
    return visitor.client.get(reverse("platforms:connection", args=[channel.pk])).content.decode()


def post(visitor: Visitor, verb: str, channel: Channel, **data: str) -> Any:
    url = reverse(f"platforms:{verb}", args=[channel.pk])
    return visitor.client.post(url, data, follow=True)


# --- the row as found


@pytest.mark.parametrize("platform", CLIENTS)
def test_page_shows_the_row_as_found(visitor: Visitor, platform: Platform) -> None:
    page = page_of(visitor, connected(visitor, platform))
    cells = MATRIX[platform].values()
    assert page.count(">できます<") == sum(cell.offer is Offer.API for cell in cells)
    assert page.count(">画面で行います<") == sum(cell.offer is Offer.BY_HAND for cell in cells)
    assert page.count(">できません<") == sum(cell.offer is Offer.NONE for cell in cells)
    assert all(scope.reason in page for scope in scopes.SCOPES[platform])
    assert "権限がありません" not in page


def test_page_shows_what_is_copied_into_the_platforms_console(visitor: Visitor) -> None:
    channel = connected(visitor, Platform.FACEBOOK)
    address = address_of(channel)
    assert address is not None
    page = page_of(visitor, channel)
    assert address.url in page
    assert address.verify_token in page
    assert "署名を確かめる鍵がありません" not in page
    assert "Webhook" not in page_of(visitor, connected(visitor, Platform.YOUTUBE))


def test_page_says_when_the_signing_key_is_missing(visitor: Visitor) -> None:
    channel = connected(visitor)
    Credential.objects.get(channel=channel).replace({"access_token": "t"})
    assert "署名を確かめる鍵がありません" in page_of(visitor, channel)


def test_page_says_where_a_permission_is_missing(visitor: Visitor) -> None:
    without = frozenset(scopes.names(Platform.X)) - {"tweet.moderate.write"}
    page = page_of(visitor, connected(visitor, granted=without))
    assert page.count("権限がありません") == 2  # hide and unhide
    assert "「コメントへの対応」の一部ができません" in page
    assert page.count("許可されていません") == 1
    assert page.count("許可されています") == len(without)


def test_page_says_when_nothing_was_told(visitor: Visitor) -> None:
    page = page_of(visitor, connected(visitor))
    assert "許可された権限を読み取れませんでした" in page
    assert "許可されていません" not in page


def test_list_shows_the_missing_permission_to_everybody(visitor: Visitor, people: People) -> None:
    connected(visitor, granted=frozenset({"tweet.read"}))
    page = client_of(people.member).get("/channels/").content.decode()
    assert page.count("権限がありません") == 3  # hide, unhide, mute
    assert "アカウントを接続" not in page
    assert "接続の確認と設定" not in page
    admins = visitor.client.get("/channels/").content.decode()
    assert "アカウントを接続" in admins
    assert "接続の確認と設定" in admins


# --- trying it


@pytest.mark.parametrize("platform", CLIENTS)
def test_trying_a_connection_changes_nothing(visitor: Visitor, platform: Platform) -> None:
    """Seen from the other end: only reading, and the two readings that are sent as POST."""
    channel = connected(visitor, platform)
    before = visitor.sandbox.store.state()[platform]
    seen = len(visitor.sandbox.requests)
    page = post(visitor, "test", channel).content.decode()
    assert "接続を確かめました。" in page
    requests = [request for _, request in visitor.sandbox.requests[seen:]]
    assert requests
    for request in requests:
        if request.method != "GET":
            inspects = request.parts[-1] == "debug_token" and request.form["method"] == "get"
            assert inspects or request.path == "/tokeninfo"
    after = visitor.sandbox.store.state()[platform]
    assert {**after, "requests": 0, "units": 0} == {**before, "requests": 0, "units": 0}


def test_trying_finds_what_has_changed(visitor: Visitor) -> None:
    channel = connected(visitor, Platform.YOUTUBE)
    less = "https://www.googleapis.com/auth/youtube.readonly"
    visitor.sandbox.store.consents.granted["youtube"] = (less,)
    page = post(visitor, "test", channel).content.decode()
    assert "「コメントへの対応」の一部ができません" in page
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.actor_id, event.details) == (
        "channel.tested",
        visitor.person.pk,
        {"state": "active", "granted": [less]},
    )


def test_what_only_the_sign_in_told_is_kept_when_trying(visitor: Visitor) -> None:
    granted = frozenset(scopes.names(Platform.X))
    channel = connected(visitor, granted=granted)
    post(visitor, "test", channel)
    assert Channel.objects.get().permissions == granted


def test_trying_says_why_it_failed(visitor: Visitor) -> None:
    channel = connected(visitor)
    visitor.sandbox.store.expire_token("x", revoked=True)
    page = post(visitor, "test", channel).content.decode()
    assert "Xに、この接続を断られました。接続し直してください。" in page
    assert "接続を確かめました" not in page
    assert Channel.objects.get().state == ChannelState.RECONNECT


def test_trying_with_success_puts_a_channel_back_to_work(visitor: Visitor) -> None:
    channel = connected(visitor)
    Channel.objects.update(state=ChannelState.RECONNECT, trouble="AuthExpired: 401")
    post(visitor, "test", channel)
    channel.refresh_from_db()
    assert (channel.state, channel.trouble) == (ChannelState.ACTIVE, "")


def test_trying_does_not_end_a_pause(visitor: Visitor) -> None:
    channel = connected(visitor)
    post(visitor, "pause", channel, reason="点検")
    post(visitor, "test", channel)
    channel.refresh_from_db()
    assert (channel.state, channel.pause_reason) == (ChannelState.PAUSED, "点検")


# --- pausing and leaving


def test_pause_needs_a_reason_that_everybody_sees(visitor: Visitor, people: People) -> None:
    channel = connected(visitor)
    url = reverse("platforms:pause", args=[channel.pk])
    assert visitor.client.post(url, {"reason": " "}).status_code == 422
    assert Channel.objects.get().state == ChannelState.ACTIVE
    page = post(visitor, "pause", channel, reason="担当者が交代するため").content.decode()
    assert "一時停止しています" in page
    listed = client_of(people.member).get("/channels/").content.decode()
    assert "担当者が交代するため" in listed
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.details) == ("channel.state", {"state": "paused"})
    assert event.personal.data == {"reason": "担当者が交代するため"}


def test_resume_ends_the_pause_and_its_reason(visitor: Visitor) -> None:
    channel = connected(visitor)
    post(visitor, "pause", channel, reason="点検")
    page = post(visitor, "resume", channel).content.decode()
    assert "を再開しました" in page
    channel.refresh_from_db()
    assert (channel.state, channel.pause_reason) == (ChannelState.ACTIVE, "")


def test_disconnecting_asks_once_more_and_says_what_stops(visitor: Visitor) -> None:
    channel = connected(visitor)
    url = reverse("platforms:disconnect", args=[channel.pk])
    asked = visitor.client.get(url).content.decode()
    assert "新しいコメントを取得しなくなります" in asked
    assert "監査記録は残ります" in asked
    assert visitor.client.post(url, {}).status_code == 422
    assert Credential.objects.count() == 1
    events = AuditEvent.objects.count()
    page = post(visitor, "disconnect", channel, understood="on").content.decode()
    assert "を切断し、接続情報を消しました。" in page
    assert not Credential.objects.exists()
    assert Channel.objects.get().state == ChannelState.DISCONNECTED
    assert AuditEvent.objects.count() == events + 1


@pytest.mark.parametrize(
    ("state", "verb", "said"),
    [
        (ChannelState.ACTIVE, "resume", "再開できるのは一時停止中だけです。"),
        (ChannelState.DISCONNECTED, "resume", "再開できるのは一時停止中だけです。"),
        (ChannelState.DISCONNECTED, "test", "先に接続してください。"),
        (ChannelState.DISCONNECTED, "pause", "いま「切断済み」です。"),
        (ChannelState.DISCONNECTED, "disconnect", "いま「切断済み」です。"),
        (ChannelState.PAUSED, "pause", "いま「一時停止」です。"),
    ],
)
def test_what_is_not_possible_now_is_said(
    visitor: Visitor, state: ChannelState, verb: str, said: str
) -> None:
    channel = connected(visitor)
    Channel.objects.update(state=state)
    page = post(visitor, verb, channel, reason="理由", understood="on").content.decode()
    assert said in page
    assert Channel.objects.get().state == state


def test_imported_comments_have_no_connection(visitor: Visitor) -> None:
    from jspm_social.platforms.connect import imported_channel

    channel = imported_channel(Platform.LINE)
    for verb in ("connection", "reconnect", "pause", "disconnect"):
        url = reverse(f"platforms:{verb}", args=[channel.pk])
        assert visitor.client.get(url).status_code == 404


def test_every_effect_has_its_line(visitor: Visitor) -> None:
    page = page_of(visitor, connected(visitor))
    assert all(f"<span>{effect.label}</span>" in page for effect in Effect)

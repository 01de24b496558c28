"""The page of the society's accounts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jspm_social.platforms.models import Channel, Heartbeat
from jspm_social.platforms.names import Platform
from jspm_social.platforms.states import ChannelState
from tests.moderation.making import make_channel
from tests.people import People, client_of

URL = "/channels/"


@pytest.fixture
def client(people: People) -> Client:
    return client_of(people.member)


def shown(client: Client) -> str:
    return client.get(URL).content.decode()


def test_page_without_any_account_says_so(client: Client) -> None:
    assert "接続されたアカウントはありません" in shown(client)


def test_page_shows_what_is_possible_on_each_platform(client: Client) -> None:
    make_channel(Platform.X)
    page = shown(client)
    assert "学会 X" in page
    assert "画面で行います" in page
    assert "本学会の投稿への返信に限ります。" in page
    assert "まだありません" in page


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("Transient: 503", "自動でやり直しています。"),
        ("RateLimited: 429", "時間がたつと自動で再開します。"),
        ("AuthExpired: 401", "管理者が接続し直してください。"),
        ("Rejected: something", "管理者が接続を確かめてください。"),
    ],
)
def test_page_tells_trouble_in_plain_words(client: Client, trouble: str, words: str) -> None:
    channel = make_channel()
    Channel.objects.filter(pk=channel.pk).update(trouble=trouble, state=ChannelState.RECONNECT)
    page = shown(client)
    assert words in page
    assert "再接続が必要" in page
    assert trouble not in page


def test_page_tells_until_when_the_platform_wants_rest(client: Client) -> None:
    channel = make_channel()
    later = timezone.now() + timedelta(hours=1)
    Channel.objects.filter(pk=channel.pk).update(calm_until=later, pulled_at=timezone.now())
    assert "以降（プラットフォームの制限）" in shown(client)
    Channel.objects.filter(pk=channel.pk).update(calm_until=timezone.now())
    assert "以降（プラットフォームの制限）" not in shown(client)


def test_page_tells_whether_the_machinery_lives(client: Client) -> None:
    assert shown(client).count("止まっているようです") == 2
    Heartbeat.objects.create(name="act", at=timezone.now())
    Heartbeat.objects.create(name="intake", at=timezone.now() - timedelta(minutes=3))
    page = shown(client)
    assert (page.count("動いています"), page.count("止まっているようです")) == (1, 1)


def test_page_escapes_names(client: Client) -> None:
    Channel.objects.create(platform="x", name="<b>名", account_id="1", account_name="<i>名")
    page = shown(client)
    assert "&lt;b&gt;名" in page
    assert "&lt;i&gt;名" in page
    assert "<i>名" not in page


def test_page_asks_as_often_for_one_account_as_for_three(client: Client) -> None:
    make_channel(name="一")
    with CaptureQueriesContext(connection) as one:
        client.get(URL)
    make_channel(name="二")
    make_channel(name="三")
    with CaptureQueriesContext(connection) as three:
        client.get(URL)
    assert len(one) == len(three)

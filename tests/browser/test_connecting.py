"""Connecting an account in a real browser: from the form over the platform's page and back."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings

from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox.ids import OWN_IDS
from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox
from jspm_social.platforms.sandbox.store import CLIENT_ID, CLIENT_SECRET, FACEBOOK_APP_SECRET
from jspm_social.platforms.states import ChannelState
from tests.browser.conftest import Site, fits
from tests.people import make_people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def empty_site(
    live_server: Any, browser: Browser, settings: Settings, redis_clean: None
) -> Iterator[Site]:
    """A console with no account yet, reached at the address that it tells the platforms."""
    settings.SITE_URL = live_server.url
    settings.CHANNEL_LOOPBACK_HOSTS = ("127.0.0.1", "localhost")
    with running_sandbox() as sandbox:
        found = Site(live_server.url, browser, sandbox, make_people(), {}, [])
        yield found
        for context in found.contexts:
            context.close()


def fill_in(page: Page, sandbox: Sandbox, platform: Platform, secret: str) -> None:
    """From the list of accounts to the page that leads to the platform."""
    more = page.get_by_text("その他", exact=True)  # on a phone the page stands behind it
    if more.is_visible():
        more.click()
    page.get_by_role("link", name="アカウント", exact=True).click()
    page.get_by_role("link", name="アカウントを接続").click()
    page.get_by_role("link", name=platform.label, exact=True).click()
    page.get_by_label("このコンソールでの名称").fill(f"学会の{platform.label}")
    page.get_by_label("練習用サーバーのアドレス").fill(sandbox.base_url(platform))
    page.locator("[name=client_id]").fill(CLIENT_ID)
    page.locator("[name=client_secret]").fill(secret)
    page.get_by_role("button", name=f"{platform.label}の許可画面へ進む").click()


@pytest.mark.parametrize("width", [1280, 360])
def test_x_is_connected(empty_site: Site, width: int) -> None:
    page = empty_site.log_in("admin", width=width)
    fill_in(page, empty_site.sandbox, Platform.X, CLIENT_SECRET)
    fits(page)
    expect(page.get_by_text("承認された本学会の投稿を公開し、削除します。")).to_be_visible()
    expect(page.get_by_text("このコンソールに返信の機能はありません").first).to_be_visible()
    page.get_by_role("link", name="Xの許可画面を開く").click()
    page.get_by_role("button", name="許可する").click()
    expect(page.get_by_role("heading", name="学会のXの接続")).to_be_visible()
    expect(page.get_by_text("学会のXを接続しました。")).to_be_visible()
    fits(page)
    channel = Channel.objects.get()
    assert (channel.account_id, channel.state) == (OWN_IDS["x"], ChannelState.ACTIVE)
    assert "code=" not in page.url


def test_x_that_was_denied_is_asked_again(empty_site: Site) -> None:
    page = empty_site.log_in("admin", width=360)
    fill_in(page, empty_site.sandbox, Platform.X, CLIENT_SECRET)
    page.get_by_role("link", name="Xの許可画面を開く").click()
    page.get_by_role("button", name="拒否する").click()
    expect(page.get_by_text("許可されなかったため、接続しませんでした")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="もう一度、許可の画面へ進む").click()
    page.get_by_role("link", name="Xの許可画面を開く").click()
    page.get_by_role("button", name="許可する").click()
    expect(page.get_by_text("学会のXを接続しました。")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 360])
def test_facebook_is_connected_and_left_again(empty_site: Site, width: int) -> None:
    page = empty_site.log_in("admin", width=width)
    fill_in(page, empty_site.sandbox, Platform.FACEBOOK, FACEBOOK_APP_SECRET)
    page.get_by_role("link", name="Facebookの許可画面を開く").click()
    page.get_by_label("pages_manage_posts").uncheck()
    page.get_by_role("button", name="許可する").click()
    page.get_by_label("日本緩和医療学会（練習用）").check()
    fits(page)
    page.get_by_role("button", name="このアカウントを接続する").click()
    expect(page.get_by_text("学会のFacebookを接続しました。")).to_be_visible()
    expect(page.get_by_text("「投稿の公開」の一部ができません", exact=False)).to_be_visible()
    fits(page)
    page.get_by_role("button", name="接続を確かめる").click()
    expect(page.get_by_text("問題なくつながっています")).to_be_visible()
    page.get_by_role("link", name="一時停止する").click()
    page.get_by_label("一時停止の理由").fill("担当者の交代")
    fits(page)
    page.get_by_role("button", name="一時停止する").click()
    expect(page.get_by_text("一時停止しています")).to_be_visible()
    page.get_by_role("button", name="再開する").click()
    page.get_by_role("link", name="切断する").click()
    fits(page)
    page.get_by_label("上の内容を確かめました").check()
    page.get_by_role("button", name="切断する").click()
    expect(page.get_by_text("接続情報を消しました")).to_be_visible()
    assert Channel.objects.get().state == ChannelState.DISCONNECTED

"""A newcomer on a phone, without JavaScript: the tour, the help of a page, and the search."""

from playwright.sync_api import Page

from jspm_social.accounts.models import User
from jspm_social.help.topics import readable
from tests.browser.conftest import Site, fits, loaded
from tests.people import PASSWORD

PHONE = 390


def newcomer_on_a_phone(site: Site, username: str) -> Page:
    User.objects.filter(username=username).update(tour_ended_at=None)
    context = site.browser.new_context(
        locale="ja-JP", viewport={"width": PHONE, "height": 844}, java_script_enabled=False
    )
    site.contexts.append(context)
    page = context.new_page()
    page.goto(f"{site.url}/accounts/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="ログイン").click()
    return page


def test_newcomer_is_shown_round_and_finds_what_to_do(site: Site) -> None:
    page = newcomer_on_a_phone(site, "member")
    for number in range(1, 5):
        page.get_by_role("heading", name=f"はじめての案内（{number}/5）").wait_for()
        page.get_by_role("link", name="次へ：").click()
    page.get_by_role("button", name="案内を終える").click()
    assert loaded(page).get_by_role("heading", name="はじめての案内").count() == 0

    page.goto(f"{site.url}/posts/")
    assert page.get_by_role("heading", name="はじめての案内").count() == 0
    page.get_by_role("link", name="この画面の使い方").click()
    page.get_by_role("heading", name="投稿の流れと一覧", level=1).wait_for()

    page.get_by_role("link", name="使い方の目次").click()
    page.get_by_label("ヘルプの中を探す").fill("炎上")
    page.get_by_role("button", name="探す").click()
    page.locator("#main").get_by_role("link", name="緊急のとき").last.click()
    page.get_by_role("heading", name="コメント欄が荒れている（炎上）").wait_for()


def test_no_topic_is_wider_than_a_phone(site: Site) -> None:
    page = site.log_in("admin", width=360)
    for topic in readable(site.people.admin):
        page.goto(f"{site.url}/help/{topic.slug}/")
        fits(page)

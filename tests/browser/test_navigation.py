"""Getting about on a phone: a bar of five places, and the other pages behind その他."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, loaded
from tests.people import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def in_the_bar(page: Page) -> list[str]:
    """The places that are to be seen, without their counts."""
    places = loaded(page).locator(".site-nav :is(a, summary) > span:not(.count)").all()
    return [place.inner_text() for place in places if place.is_visible()]


def hidden_by_scrolling(page: Page) -> int:
    bar = page.locator(".site-nav > ul")
    return int(bar.evaluate("bar => bar.scrollWidth - bar.clientWidth"))


def test_nine_pages_fit_a_phone_and_need_no_script(site: Site) -> None:
    context = site.browser.new_context(
        java_script_enabled=False, locale="ja-JP", viewport={"width": 360, "height": 740}
    )
    site.contexts.append(context)
    page = context.new_page()
    page.goto(f"{site.url}/accounts/login/?next=/queue/")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="ログイン").click()
    assert in_the_bar(page)[2:] == ["コメント", "投稿", "その他"]
    assert hidden_by_scrolling(page) == 0
    expect(page.locator(".site-nav .count").first).to_be_visible()

    page.locator(".nav-more summary").click()
    others = in_the_bar(page)[5:]
    assert others == ["アカウント", "規則", "運用方針", "成績", "監査記録"]
    page.locator(".nav-more").get_by_role("link", name="監査記録").click()
    expect(page.get_by_role("heading", name="監査記録", level=1)).to_be_visible()
    expect(page.locator(".nav-more summary")).to_have_attribute("aria-current", "true")


def test_the_menu_closes_by_itself_and_is_not_needed_on_a_wide_screen(site: Site) -> None:
    page = site.log_in("admin", width=360)
    menu = page.locator(".nav-more")
    menu.locator("summary").click()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    menu.locator("summary").click()
    page.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")

    page.set_viewport_size({"width": 1280, "height": 800})
    assert len(in_the_bar(page)) == 9
    expect(menu).to_be_hidden()

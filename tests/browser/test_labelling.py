"""Labelling on a phone, and the page of figures, in a real browser."""

import pytest
from playwright.sync_api import expect

from moderation.models import Label
from moderation.services import measure, specimens
from tests.browser.conftest import Site, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_moderator_works_through_the_list_on_a_phone(site: Site) -> None:
    first, second, *_ = specimens.fill_list()
    measure.count_lately()
    page = site.log_in("moderator", width=360)
    page.goto(f"{site.url}/performance/")
    fits(page)
    page.get_by_role("link", name="判定が迷ったもの").click()
    fits(page)
    expect(page.locator("article.comment")).to_contain_text(first.revision.text.split()[0])
    page.get_by_label("選んだ基準に当てはまる").check()
    page.get_by_label("ク 虚偽").check()
    page.get_by_role("button", name="記録して次へ").click()
    expect(page.get_by_text("記録しました。コメントの表示は変わりません。")).to_be_visible()
    expect(page.locator("article.comment")).to_contain_text(second.revision.text.split()[0])
    label = Label.objects.get()
    assert (label.specimen_id, label.criteria) == (first.pk, ["ク"])
    page.get_by_role("button", name="取り消す").click()
    expect(page.get_by_text("ラベルを取り消しました")).to_be_visible()
    assert Label.objects.count() == 0

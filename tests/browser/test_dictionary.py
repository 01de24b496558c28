"""A word of the committee, from the chair's phone to a member's draft."""

from playwright.sync_api import expect

from posts.models import DictionaryEntry
from tests.browser.conftest import Site, fits
from tests.posts.making import draft


def test_a_word_is_tried_kept_and_found_in_a_draft(site: Site) -> None:
    channel = next(iter(site.channels.values()))
    post = draft(site.people.member, channel, body="旧語についての講演会です。")
    page = site.log_in("chair", width=390)
    page.goto(f"{site.url}/posts/")
    page.get_by_role("link", name="言い換え辞書").click()
    page.get_by_role("link", name="言葉を加える").click()
    page.locator("[name=check]").select_option("J13")
    page.get_by_label("探す言葉").fill("旧語、古語")
    page.get_by_label("言い換え", exact=True).fill("新語")
    page.locator("[name=reason]").fill("「{found}」は古い言葉です。")
    page.get_by_label("文で試す").fill("古語辞典の話です。")
    page.get_by_role("button", name="保存せずに試す").click()
    expect(page.locator("#tried")).to_contain_text("「古語」は古い言葉です。")
    expect(page.get_by_role("link", name=post.title)).to_be_visible()
    fits(page)
    page.get_by_label("数えない言い方").fill("古語辞典")
    page.get_by_role("button", name="保存せずに試す").click()
    expect(page.locator("#tried")).to_contain_text("見つかりませんでした")
    page.locator("[name=why]").first.fill("委員会で決定")
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_text("次の点検から使われます")).to_be_visible()
    assert DictionaryEntry.objects.get().entry.exceptions == ("古語辞典",)

    theirs = site.log_in("member")
    theirs.goto(f"{site.url}/posts/{post.pk}/")
    expect(theirs.get_by_text("「旧語」は古い言葉です。")).to_be_visible()

    page.get_by_label("理由", exact=False).last.fill("使わない")
    page.get_by_role("button", name="使うのをやめる").click()
    expect(page.get_by_role("button", name="もとに戻す")).to_be_visible()
    theirs.reload()
    expect(theirs.get_by_text("「旧語」は古い言葉です。")).to_have_count(0)

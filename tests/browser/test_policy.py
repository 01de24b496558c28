"""A new version of the policy in a real browser: drafted, compared, approved by two, in force on its
day, read by anybody, and its announcements standing as drafts.
"""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from jspm_social.platforms.counting import measure_all
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.states import ChannelState
from policy import jobs
from policy.models import PolicyVersion
from policy.queries import active_ruleset, policy_in_force
from policy.states import VersionState
from posts.models import PolicyNotice, Post
from posts.queries import payloads_of
from posts.states import PostState
from tests.browser.conftest import Site, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW = "各ソーシャルメディアプラットフォームの特性に応じ、週に2回を目安に投稿を行います。"
SUMMARY = "投稿の頻度の目安を定めました。"


def open_clause(page: Page, site: Site, anchor: str) -> None:
    code = PolicyVersion.objects.get(number=2).clauses.get(anchor=anchor).code
    page.get_by_role("link", name=f"{code} を編集する", exact=True).click()


def write(page: Page, site: Site) -> PolicyVersion:
    """Begin a draft, change a clause, add another, say what it is about."""
    page.goto(f"{site.url}/policy/versions/")
    page.get_by_role("button", name="改定案を作る").click()
    version = PolicyVersion.objects.get(number=2)
    open_clause(page, site, "c3-3")
    page.get_by_label("本文").fill(NEW)
    expect(page.get_by_text("自動で保存しました")).to_be_visible()
    expect(page.locator("#live ins").first).to_contain_text("週に2回を目安に")
    page.get_by_role("button", name="保存して戻る").click()
    page.get_by_role("link", name="5(8) の後に加える", exact=True).click()
    page.get_by_label("見出し").fill("リンク")
    page.get_by_label("本文").fill("リンクは、公益性のあるページに限ります。")
    page.get_by_role("button", name="加える", exact=True).click()
    day = timezone.localdate() + timedelta(days=2)
    page.get_by_label("施行日").fill(day.isoformat())
    page.get_by_label("改定の要点").fill(SUMMARY)
    page.get_by_role("button", name="保存する", exact=True).click()
    expect(page.get_by_text("保存しました")).to_be_visible()
    return version


def approve(page: Page, site: Site, version: PolicyVersion, *, told: str) -> None:
    page.goto(f"{site.url}/policy/versions/{version.pk}/comparison/")
    expect(page.locator("ins", has_text="週に2回を目安に")).to_be_visible()
    expect(page.locator("del", has_text="適切な頻度で")).to_be_visible()
    page.goto(f"{site.url}/policy/versions/{version.pk}/")
    page.get_by_role("button", name="承認する", exact=True).click()
    expect(page.get_by_text(told)).to_be_visible()


def text_at(site: Site, path: str) -> str:
    context = site.browser.new_context(locale="ja-JP")
    page = context.new_page()
    page.goto(f"{site.url}{path}")
    told = page.inner_text("body")
    cookies = context.cookies()
    context.close()
    assert cookies == []
    return told


@pytest.mark.parametrize("width", [1280, 390])
def test_a_version_from_draft_to_announcement(site: Site, width: int) -> None:
    old_rules = active_ruleset()
    author, member, chair = (site.log_in(n, width=width) for n in ("admin", "member", "chair"))
    version = write(author, site)
    author.get_by_role("button", name="承認を依頼する").click()
    expect(author.get_by_text("承認を依頼しました")).to_be_visible()
    expect(author.get_by_role("button", name="承認する", exact=True)).to_have_count(0)
    approve(member, site, version, told="承認しました。")
    approve(chair, site, version, told="承認がそろいました")
    version.refresh_from_db()
    assert version.state == VersionState.APPROVED

    jobs.keep_versions()
    assert NEW not in text_at(site, "/policy/")  # not before its day
    day = version.effective_from
    with patch("django.utils.timezone.localdate", return_value=day):
        jobs.keep_versions()
    assert policy_in_force() == version
    assert active_ruleset().policy_version == version
    assert active_ruleset().number == old_rules.number + 1

    assert NEW in text_at(site, "/policy/")
    assert "これは以前の版です" in text_at(site, "/policy/v1/")
    assert "（新設）" in text_at(site, "/policy/v2/changes/")

    jobs.announce(version.pk)
    author.goto(f"{site.url}/policy/versions/{version.pk}/")
    expect(author.get_by_role("link", name="運用方針の改定のお知らせ（第2版）")).not_to_have_count(
        0
    )
    posts = [notice.post for notice in PolicyNotice.objects.filter(policy_version=version)]
    assert {post.state for post in posts} == {PostState.DRAFT}
    assert told_on(posts) == {Platform(channel.platform) for channel in site.channels.values()}


def told_on(posts: list[Post]) -> set[Platform]:
    """The platforms whose draft fits, by their own counting."""
    return {
        Platform(payload.platform)
        for post in posts
        for payload in payloads_of(post).values()
        if SUMMARY in payload.text
        and all(one.fits for one in measure_all(Platform(payload.platform), payload.text))
    }


def test_two_people_write_one_clause(site: Site) -> None:
    author, other = site.log_in("admin"), site.log_in("chair", width=390)
    author.goto(f"{site.url}/policy/versions/")
    author.get_by_role("button", name="改定案を作る").click()
    version = PolicyVersion.objects.get(number=2)
    path = f"{site.url}/policy/versions/{version.pk}/clauses/c8/"
    author.goto(path)
    other.goto(path)
    other.get_by_label("本文").fill("委員長が書いた文")
    expect(other.get_by_text("自動で保存しました")).to_be_visible()
    author.get_by_label("本文").fill("管理者が書いた文")
    expect(author.get_by_text("ほかの人が先に保存しました").first).to_be_visible()
    author.get_by_role("button", name="保存して戻る").click()
    expect(author.get_by_role("heading", name="chair さんが")).to_be_visible()
    assert author.get_by_label("本文").input_value() == "管理者が書いた文"
    assert version.clauses.get(anchor="c8").text == "委員長が書いた文"


def test_nothing_is_wider_than_a_phone(site: Site) -> None:
    page = site.log_in("admin", width=360)
    version = write(page, site)
    Channel.objects.update(state=ChannelState.DISCONNECTED)
    for path in (
        "versions/",
        f"versions/{version.pk}/",
        f"versions/{version.pk}/comparison/?whole=1",
        f"versions/{version.pk}/clauses/c4-2/",
        f"versions/{version.pk}/clauses/c4-2/add/",
        "",
        "v1/",
        "grounds/",
        "transparency/",
    ):
        page.goto(f"{site.url}/policy/{path}")
        fits(page)

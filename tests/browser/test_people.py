"""People in a real browser: invited, first password, other roles, leave, and gone with a hand-over."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from jspm_social.accounts import jobs
from jspm_social.accounts.models import Invitation, User
from jspm_social.accounts.roles import Role
from jspm_social.platforms.names import Platform
from posts.models import Post
from posts.services.handover import in_care_of
from tests.browser.conftest import Site
from tests.posts.making import draft

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW = "kanwa-iryo-2026"


def picture(page: Page, name: str, width: int) -> None:
    """Keep the page as a picture where JSPM_PICTURES names a folder: to be looked at."""
    if folder := os.environ.get("JSPM_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


def invite(admin: Page, site: Site, width: int) -> str:
    """Invite somebody; the link that the mail carries."""
    admin.goto(f"{site.url}/accounts/people/")
    admin.get_by_role("link", name="招待する").click()
    admin.get_by_label("氏名").fill("山田 花子")
    admin.get_by_label("よみ").fill("やまだ はなこ")
    admin.get_by_label("利用者名").fill("yamada")
    admin.get_by_label("メールアドレス").fill("yamada@example.jp")
    admin.get_by_label("委員：").check()
    picture(admin, "invite", width)
    admin.get_by_role("button", name="招待のメールを送る").click()
    expect(admin.get_by_text("招待のメールを送ります")).to_be_visible()
    jobs.send_invitation(Invitation.objects.get().pk)
    found = re.search(r"/accounts/invitation/\S+", str(mail.outbox[-1].body))
    assert found is not None
    return site.url + found[0]


def join(site: Site, link: str, width: int) -> Page:
    """Open the mail's link, set the password, log in."""
    context = site.browser.new_context(locale="ja-JP", viewport={"width": width, "height": 900})
    site.contexts.append(context)
    page = context.new_page()
    page.goto(link)
    assert page.url == f"{site.url}/accounts/invitation/"
    page.get_by_label("パスワード", exact=False).first.fill(NEW)
    page.get_by_label("パスワード（もう一度）").fill(NEW)
    picture(page, "accept", width)
    page.get_by_role("button", name="登録する").click()
    page.get_by_label("利用者名").fill("yamada")
    page.get_by_label("パスワード").fill(NEW)
    page.get_by_role("button", name="ログインする").click()
    expect(page.get_by_text("山田 花子").first).to_be_attached()
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_invitation_to_the_hand_over(site: Site, width: int) -> None:
    admin = site.log_in("admin", width=width)
    link = invite(admin, site, width)
    newcomer = join(site, link, width)
    person = User.objects.get(username="yamada")
    again = site.browser.new_context(locale="ja-JP")
    site.contexts.append(again)
    used = again.new_page()
    used.goto(link)
    expect(used.get_by_role("heading", name="このリンクは使えません")).to_be_visible()
    picture(used, "useless", width)

    admin.goto(f"{site.url}/accounts/people/{person.pk}/")
    admin.get_by_label("監修：").check()
    admin.get_by_label("理由").fill("監修の担当に就任")
    admin.get_by_role("button", name="役割を変える").click()
    expect(admin.get_by_text("委員 → 委員・監修")).to_be_visible()
    person.refresh_from_db()
    assert person.roles == [Role.MEMBER, Role.REVIEWER]
    newcomer.goto(f"{site.url}/accounts/me/")
    expect(newcomer.get_by_role("heading", name="ログイン")).to_be_visible()

    newcomer.get_by_label("利用者名").fill("yamada")
    newcomer.get_by_label("パスワード").fill(NEW)
    newcomer.get_by_role("button", name="ログインする").click()
    newcomer.get_by_role("link", name="不在を登録する").click()
    today = timezone.localdate()
    newcomer.get_by_label("初日").fill(today.isoformat())
    newcomer.get_by_label("最終日").fill((today + timedelta(days=6)).isoformat())
    picture(newcomer, "my-leave", width)
    newcomer.get_by_role("button", name="不在を登録する").click()
    expect(newcomer.get_by_role("button", name="この不在を終える")).to_be_visible()
    picture(newcomer, "me", width)
    assert person.is_away()

    post = draft(person, site.channels[Platform.X])
    admin.goto(f"{site.url}/accounts/people/")
    expect(admin.get_by_text("不在", exact=True).first).to_be_visible()
    picture(admin, "people", width)
    admin.get_by_role("link", name="山田 花子").click()
    picture(admin, "person", width)
    admin.get_by_role("link", name="利用の停止へ進む").click()
    expect(admin.get_by_text("担当している投稿（1件）")).to_be_visible()
    admin.get_by_label("理由").fill("異動")
    admin.get_by_label("引き継ぐ人").select_option(label="member さん")
    picture(admin, "deactivate", width)
    admin.get_by_role("button", name="利用を停止する").click()
    expect(admin.get_by_text("利用を停止しました")).to_be_visible()
    assert list(in_care_of(site.people.member)) == [Post.objects.get(pk=post.pk)]
    newcomer.goto(f"{site.url}/accounts/me/")
    expect(newcomer.get_by_role("heading", name="ログイン")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_yearly_review_and_the_settings(site: Site, width: int) -> None:
    admin, chair = site.log_in("admin", width=width), site.log_in("chair", width=width)
    admin.goto(f"{site.url}/accounts/reviews/")
    admin.get_by_role("button", name="見直しを始める").click()
    admin.get_by_role("button", name=re.compile("続ける.*（member さん）")).click()
    expect(admin.get_by_text("まだ確認していない人（7人）")).to_be_visible()
    picture(admin, "review", width)
    admin.goto(f"{site.url}/accounts/reviews/")
    picture(admin, "reviews", width)

    admin.goto(f"{site.url}/settings/")
    picture(admin, "settings", width)
    admin.get_by_role("link", name="取り消せない対応への、第二モデレーターの同意").click()
    admin.get_by_label("不要").check()
    admin.get_by_label("変える理由").fill("当番が1人の期間のため")
    picture(admin, "setting", width)
    admin.get_by_role("button", name="変える").click()
    expect(admin.get_by_text("変更を提案しました")).to_be_visible()
    chair.goto(admin.url)
    picture(chair, "proposal", width)
    chair.get_by_role("button", name="同意して適用する").click()
    expect(chair.get_by_text("設定を変えました")).to_be_visible()
    expect(chair.get_by_text("今の値：不要")).to_be_visible()
    picture(chair, "setting-after", width)
    chair.goto(f"{site.url}/posts/settings/")
    panel = chair.locator("section", has=chair.get_by_role("heading", name="承認に必要な人"))
    panel.get_by_label("役割").select_option(label="委員長")
    panel.get_by_label("変える理由").fill("学術大会の前のため")
    panel.get_by_role("button", name="保存する").click()
    expect(chair.get_by_text("学術大会の前のため")).to_be_visible()
    picture(chair, "posting", width)

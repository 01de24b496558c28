"""A post's whole way in a real browser: draft, requested changes, two approvals, an edit that voids
them, the emergency stop, publication on three platforms, and a correction on the public page.
"""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from jspm_social.accounts.roles import Role
from jspm_social.platforms.connect import connect_channel
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.states import OperationState
from posts import jobs
from posts.models import Correction, Delivery, Post
from posts.states import CorrectionState, PostState
from tests.browser.conftest import Site, fits, loaded
from tests.people import PASSWORD, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

THREE = (Platform.X, Platform.FACEBOOK, Platform.BLUESKY)
CORRECTED = "掲載は最新号ではなく前号でした。おわびして訂正します。"
BODY = "緩和ケアについての調査の結果を、学会誌に掲載しました。どなたでもお読みいただけます。"


@pytest.fixture
def three(site: Site) -> dict[Platform, Channel]:
    site.channels[Platform.BLUESKY] = connect_channel(
        actor=None,
        platform=Platform.BLUESKY,
        name="日本緩和医療学会 Bluesky",
        secrets=site.sandbox.store.credentials("bluesky"),
        base_url=site.sandbox.base_url("bluesky"),
    )
    site.people.admin.roles = [Role.ADMIN, Role.MEMBER]
    site.people.admin.save()
    return {platform: site.channels[platform] for platform in THREE}


def send_due() -> None:
    """What the workers would do now."""
    for _ in range(3):
        for pk in list(
            Delivery.objects.filter(state=OperationState.WAITING).values_list("pk", flat=True)
        ):
            jobs.send(pk)
    for pk in list(Delivery.objects.filter(state=OperationState.DONE).values_list("pk", flat=True)):
        jobs.read_back(pk)


def published(site: Site, platform: Platform) -> list[str]:
    """The texts of our own posts that the platform shows."""
    return [post["text"] for post in site.state(platform)["posts"] if post["sent"]]


def write(page: Page, site: Site, channels: dict[Platform, Channel], body: str) -> Post:
    page.goto(f"{site.url}/posts/new/")
    page.get_by_label("件名").fill("調査結果の掲載")
    page.get_by_label("目的").select_option("knowledge")
    page.get_by_label("種類").select_option("research")
    page.get_by_role("button", name="本文を書く").click()
    page.get_by_role("textbox", name="本文", exact=True).fill(body)
    for channel in channels.values():
        page.locator(f"[name=on_{channel.pk}]").check()
    expect(page.get_by_text("自動で保存しました")).to_be_visible()
    expect(page.get_by_label(f"{channels[Platform.X]}での見え方")).to_contain_text("／280字分")
    page.get_by_role("button", name="保存して戻る").click()
    return Post.objects.latest("pk")


def ask(page: Page, site: Site, post: Post) -> None:
    page.goto(f"{site.url}/posts/{post.pk}/")
    page.get_by_role("button", name="承認を依頼する").click()
    expect(page.get_by_text("承認を依頼しました")).to_be_visible()


def approve(page: Page, site: Site, post: Post) -> None:
    page.goto(f"{site.url}/posts/{post.pk}/")
    page.get_by_role("button", name="承認する", exact=True).click()
    expect(page.get_by_text("承認しました。")).to_be_visible()


def state(post: Post) -> str:
    post.refresh_from_db()
    return post.state


@dataclass
class Committee:
    """The pages of those who take part, each in a browser session of their own."""

    site: Site
    author: Page
    member: Page
    reviewer: Page

    @classmethod
    def at(cls, site: Site, width: int) -> "Committee":
        pages = [site.log_in(name, width=width) for name in ("admin", "member", "reviewer")]
        return cls(site, *pages)

    def sends_back(self, post: Post, why: str) -> None:
        self.member.goto(f"{self.site.url}/posts/{post.pk}/")
        self.member.get_by_role("region", name="承認").get_by_label("理由").fill(why)
        self.member.get_by_role("button", name="差し戻す").click()
        assert state(post) == PostState.CHANGES

    def rewrites(self, post: Post, body: str) -> None:
        self.author.goto(f"{self.site.url}/posts/{post.pk}/edit/")
        self.author.get_by_role("textbox", name="本文", exact=True).fill(body)
        self.author.get_by_role("button", name="保存して戻る").click()

    def approve(self, post: Post) -> None:
        ask(self.author, self.site, post)
        approve(self.member, self.site, post)
        approve(self.reviewer, self.site, post)
        assert state(post) == PostState.APPROVED

    def stop(self) -> None:
        self.member.goto(f"{self.site.url}/posts/stop/")
        self.member.get_by_label("理由").fill("数字を確かめるため")
        self.member.get_by_role("button", name="公開を停止する").click()

    def go_on(self) -> None:
        self.author.goto(f"{self.site.url}/posts/stop/")
        expect(self.author.get_by_text("停止中に予定を過ぎた投稿")).to_be_visible()
        self.author.get_by_role("button", name="再開を依頼する").click()
        self.member.goto(f"{self.site.url}/posts/stop/")
        self.member.get_by_role("button", name="同意して再開する").click()

    def send_each_again(self, post: Post) -> None:
        for delivery in post.deliveries.all():
            self.author.goto(f"{self.site.url}/posts/{post.pk}/")
            row = self.author.get_by_role("listitem").filter(has_text=str(delivery.channel)).first
            row.get_by_text("公開されていないので、もう一度送る").click()
            row.get_by_role("button", name="もう一度送る").click()


def publish_now(page: Page, site: Site, post: Post) -> None:
    page.goto(f"{site.url}/posts/{post.pk}/schedule/")
    page.get_by_role("button", name="いますぐ公開する").click()
    if loaded(page).get_by_text("まだ予約していません").count():
        page.get_by_label("承知のうえで、いま公開する").check()
        page.get_by_role("button", name="いますぐ公開する").click()
    assert state(post) == PostState.SCHEDULED


def report_error(page: Page, site: Site, post: Post) -> Correction:
    """Report, check and decide; the decision waits for another member."""
    page.goto(f"{site.url}/posts/{post.pk}/")
    page.get_by_text("誤りを報告する").click()
    page.get_by_label("どこが、どう違いますか").fill("号数が違います")
    page.get_by_role("button", name="報告する").click()
    page.get_by_label("確認した結果").fill("前号でした")
    page.get_by_role("button", name="確認を記録する").click()
    page.get_by_label("訂正を投稿する").check()
    page.get_by_label("公表する文").fill(CORRECTED)
    page.get_by_role("button", name="決めて、ほかの委員の同意を求める").click()
    return Correction.objects.get()


def second_member(site: Site, width: int) -> Page:
    person = make_person("second", Role.MEMBER)
    person.set_password(PASSWORD)
    person.save()
    return site.log_in("second", width=width)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_post_from_draft_to_correction(
    site: Site, three: dict[Platform, Channel], width: int
) -> None:
    people = Committee.at(site, width)
    post = write(people.author, site, three, BODY)
    ask(people.author, site, post)
    people.author.goto(f"{site.url}/posts/{post.pk}/")
    expect(people.author.get_by_role("button", name="承認する", exact=True)).to_have_count(0)
    people.sends_back(post, "掲載した号を書いてください")
    people.rewrites(post, f"{BODY}（最新号）")
    people.approve(post)

    told = f"{BODY}（最新号）。"
    people.rewrites(post, told)
    assert state(post) == PostState.DRAFT  # one character voids both votes
    people.approve(post)

    people.stop()
    publish_now(people.author, site, post)
    send_due()
    people.go_on()
    send_due()  # what became overdue is asked about anew, post by post
    assert [published(site, platform) for platform in THREE] == [[], [], []]
    people.send_each_again(post)
    send_due()
    assert state(post) == PostState.SENT
    assert [published(site, platform) for platform in THREE] == [[told], [told], [told]]

    report = report_error(people.member, site, post)
    other = second_member(site, width)
    other.goto(f"{site.url}/posts/corrections/{report.pk}/")
    other.get_by_role("button", name="同意する", exact=True).click()
    report.refresh_from_db()
    assert report.answer is not None
    ask(people.member, site, report.answer)
    approve(other, site, report.answer)
    publish_now(people.member, site, report.answer)
    send_due()
    report.refresh_from_db()
    assert report.state == CorrectionState.CLOSED
    anybody = site.browser.new_context().new_page()
    anybody.goto(f"{site.url}/posts/corrections/public/")
    expect(anybody.get_by_text(CORRECTED)).to_be_visible()
    anybody.context.close()


def test_on_a_phone_the_plan_opens_as_a_list(site: Site, three: dict[Platform, Channel]) -> None:
    page = site.log_in("member", width=360)
    page.goto(f"{site.url}/posts/calendar/")
    expect(page.locator("table.calendar")).to_be_hidden()
    expect(page.get_by_role("link", name="一覧", exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    page.get_by_role("link", name="月", exact=True).click()
    expect(page.locator("table.calendar")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{site.url}/posts/calendar/")
    expect(page.locator("table.calendar")).to_be_visible()
    expect(page.get_by_role("link", name="月", exact=True)).to_have_attribute(
        "aria-current", "page"
    )


def test_nothing_is_wider_than_a_phone(site: Site, three: dict[Platform, Channel]) -> None:
    page = site.log_in("admin", width=360)
    post = write(page, site, three, BODY * 3)
    at = timezone.now() + timedelta(days=1)
    for path in (
        "",
        "new/",
        f"{post.pk}/",
        f"{post.pk}/edit/",
        f"{post.pk}/revisions/1/",
        "calendar/",
        f"calendar/?view=list&day={at:%Y-%m-%d}",
        "library/",
        "events/",
        "sources/",
        "corrections/",
        "corrections/public/",
        "register/",
        "register/new/",
        "settings/",
        "deputies/",
        "stop/",
    ):
        page.goto(f"{site.url}/posts/{path}")
        fits(page)

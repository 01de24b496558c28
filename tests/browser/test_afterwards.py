"""After publishing: the numbers on a post's page, and a post by hand that somebody looks at."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from posts.models import Delivery, NativePost, Post, Tally
from posts.services import natives, publish, tallies
from tests.browser.conftest import Site, fits
from tests.posts.making import scheduled

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = [1280, 390]


def published_and_read(site: Site) -> Post:
    """A post on X and Facebook that went out through the sandbox, and was met with there."""
    channels = [site.channels[platform] for platform in (Platform.X, Platform.FACEBOOK)]
    post = scheduled(site.people, *channels)
    for delivery in post.deliveries.all():
        publish.send(delivery_id=delivery.pk)
    for delivery in post.deliveries.select_related("channel"):
        tallies.read(channel=delivery.channel)
        site.sandbox.store.count(
            delivery.channel.platform, delivery.remote_id, likes=41, reposts=12, views=1830
        )
        first, begun = delivery.tallies.get(), timezone.now() - timedelta(days=6)
        for day in range(6):
            Tally.objects.create(
                delivery=delivery,
                at=begun + timedelta(days=day),
                likes=day * 7,
                reposts=day * 2,
                comments=day,
                views=None if first.views is None else day * 300,
            )
        first.delete()
        Delivery.objects.filter(pk=delivery.pk).update(tally_at=None)
        assert tallies.read(channel=Channel.objects.get(pk=delivery.channel_id)) == 1
    return post


@pytest.mark.parametrize("width", WIDTHS)
def test_numbers_on_the_page_of_a_post(site: Site, width: int) -> None:
    post = published_and_read(site)
    page = site.log_in("member", width=width)
    page.goto(f"{site.url}/posts/{post.pk}/")
    fits(page)
    numbers = page.locator("section", has=page.get_by_role("heading", name="反響の数"))
    expect(numbers.get_by_text("1,830").first).to_be_visible()
    expect(numbers.get_by_role("img")).to_have_count(2)
    name = f"{site.channels[Platform.X]}での数の移り変わり"
    expect(numbers.get_by_role("img").first).to_have_accessible_name(name)
    numbers.locator("summary").first.click()
    expect(numbers.get_by_role("row").last).to_be_visible()
    fits(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_post_by_hand_is_looked_at(site: Site, width: int) -> None:
    published_and_read(site)
    site.sandbox.store.post_natively("x", "明日の市民公開講座は、雨でも行います。")
    assert natives.look(channel=site.channels[Platform.X]) == 1
    assert natives.look(channel=site.channels[Platform.FACEBOOK]) == 0
    page = site.log_in("member", width=width)
    page.goto(f"{site.url}/posts/")
    fits(page)
    page.get_by_role("link", name="確認する").click()
    fits(page)
    page.get_by_role("link", name="日本緩和医療学会 X").click()
    fits(page)
    page.get_by_label("確認した内容・誤りの内容").fill("事務局が、当日の案内として投稿しました。")
    page.get_by_role("button", name="確認した内容を記録する").click()
    expect(page.get_by_text("確認した内容を記録しました。")).to_be_visible()
    fits(page)
    assert NativePost.objects.get().state == "noted"

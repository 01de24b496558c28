"""The demo's own posts: one in each state that a member meets first."""

import pytest

from jspm_social.accounts.roles import Role
from jspm_social.management.demo_posts import make_posts
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from policy.services import load_version_1
from posts.models import Delivery, Post
from tests.people import make_person


@pytest.mark.django_db
@pytest.mark.parametrize("platforms", [[Platform.X], list(Platform)], ids=["one", "all"])
def test_the_demo_begins_with_a_post_in_each_state(platforms: list[Platform]) -> None:
    load_version_1()
    make_person("admin", Role.ADMIN)
    make_person("member", Role.MEMBER)
    for platform in platforms:
        Channel.objects.create(
            platform=platform, name=platform.label, base_url="http://127.0.0.1:1/", account_id="1"
        )
    make_posts()
    assert set(Post.objects.values_list("state", flat=True)) == {"draft", "review", "scheduled"}
    planned = set(Delivery.objects.values_list("channel__platform", flat=True))
    assert planned == {"x", "facebook", "bluesky", "mastodon"} & set(platforms)
    make_posts()
    assert Post.objects.count() == 3

"""One suite for whoever looks at our own posts, over real HTTP: counts, and what stands there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import (
    AuthExpired,
    PlatformError,
    RateLimited,
    Transient,
    Unsupported,
)
from jspm_social.platforms.names import Platform
from jspm_social.platforms.own_posts import Counts, OwnPosts
from jspm_social.platforms.registry import own_posts_for
from jspm_social.platforms.sandbox.ids import OWN_IDS
from jspm_social.platforms.sandbox.server import Sandbox

from .conftest import START, Channel
from .outgoing import Kept, sent
from .test_publishing import CASES, asked, carry_out

# What each platform tells of a post with 7 likes, 3 reposts, 150 views and 2 comments.
TOLD = {
    Platform.X: Counts(7, 3, 2, 150),
    Platform.FACEBOOK: Counts(7, 3, 2, None),
    Platform.INSTAGRAM: Counts(7, None, 2, None),
    Platform.THREADS: Counts(7, 3, 2, 150),
    Platform.YOUTUBE: Counts(7, None, 2, 150),
    Platform.BLUESKY: Counts(7, 3, 2, None),
    Platform.MASTODON: Counts(7, 3, 2, None),
    Platform.LINE: Counts(None, None, None, 150),
}
BATCHED = {Platform.X, Platform.BLUESKY, Platform.YOUTUBE}
HOUR = timedelta(hours=1)


def own_posts(channel: Channel) -> OwnPosts:
    access = ChannelAccess(
        platform=channel.platform,
        account_id=OWN_IDS[channel.platform.value],
        base_url=channel.sandbox.base_url(channel.platform.value),
        secrets={**channel.secrets, **channel.saved},
        options=channel.options,
    )
    return own_posts_for(access, save_secrets=channel.saved.update)


def a_post(channel: Channel, number: int = 0) -> str:
    """A post with two comments; returns its id."""
    if channel.platform == Platform.LINE:
        made = channel.store.publish(
            "line", f"request-{number}", "配信", more={"key": "", "friends": 100}
        )
        return made.id
    first = channel.say(number)
    channel.say(number + 3)
    return channel.store.world(channel.platform.value).comments[first].post_id


def test_every_platform_is_looked_at() -> None:
    assert set(TOLD) == set(Platform)


def test_counts_are_those_of_the_platform_and_what_is_not_told_is_none(account: Channel) -> None:
    post = a_post(account)
    account.store.count(account.platform.value, post, likes=7, reposts=3, views=150)
    assert own_posts(account).numbers([post]) == {post: TOLD[account.platform]}


def test_nobody_reacted_is_zero_where_it_is_told(channel: Channel) -> None:
    post = a_post(channel)
    told = own_posts(channel).numbers([post])[post]
    assert (told.likes, told.comments) == (0, 2)
    assert told.reposts in {0, None}


def test_few_readers_are_not_told_on_line(sandbox: Sandbox) -> None:
    line = Channel(Platform.LINE, sandbox)
    post = a_post(line)
    line.store.count("line", post, views=19)
    assert own_posts(line).numbers([post]) == {post: Counts()}


def test_several_are_read_at_once_where_there_is_a_batch(channel: Channel) -> None:
    posts = [a_post(channel, number) for number in range(3)]
    reader = own_posts(channel)
    assert reader.at_once >= 3
    reader.numbers(posts[:1])  # tokens and names are known from here on
    before = len(channel.sandbox.requests)
    assert list(reader.numbers(posts)) == posts
    requests = sent(channel, before)
    assert all(line.startswith("GET ") for line in requests)
    if channel.platform in BATCHED:
        assert len(requests) == 1


def test_a_post_that_is_gone_is_left_out(channel: Channel) -> None:
    gone, there = a_post(channel, 0), a_post(channel, 1)
    channel.store.withdraw(channel.platform.value, gone)
    assert list(own_posts(channel).numbers([gone, there])) == [there]


@pytest.mark.parametrize(
    ("fault", "error"), [("5xx", Transient), ("429", RateLimited), ("malformed_json", Transient)]
)
def test_faults_are_named(account: Channel, fault: str, error: type[PlatformError]) -> None:
    post = a_post(account)
    account.fault(fault, times=9)
    with pytest.raises(error):
        own_posts(account).numbers([post])


def test_a_dead_token_is_told(account: Channel) -> None:
    post = a_post(account)
    account.store.expire_token(account.platform.value, revoked=True)
    account.secrets["app_password"] = "wrong"  # Bluesky would sign in anew
    with pytest.raises(AuthExpired):
        own_posts(account).numbers([post])


def test_threads_without_the_permission_tells_no_numbers_and_stays_connected(
    sandbox: Sandbox,
) -> None:
    threads = Channel(Platform.THREADS, sandbox)
    post = a_post(threads)
    threads.store.world("threads").tells_numbers = False
    with pytest.raises(Unsupported):
        own_posts(threads).numbers([post])


# --- what stands there


def test_what_was_posted_by_hand_is_listed(channel: Channel) -> None:
    name, now = channel.platform.value, datetime.now(UTC).replace(microsecond=0)
    channel.store.post_natively(name, "昔の投稿", at=now - 30 * HOUR)
    second = channel.store.post_natively(name, "本日は休館です。", at=now - 2 * HOUR)
    third = channel.store.post_natively(name, "会場が変わりました。", at=now - HOUR)
    found = list(own_posts(channel).recent(now - 5 * HOUR))
    assert [post.remote_id for post in found] == [third, second]
    assert [post.text for post in found] == ["会場が変わりました。", "本日は休館です。"]
    assert [post.published_at for post in found] == [now - HOUR, now - 2 * HOUR]
    assert all(post.permalink.startswith("https://") for post in found)


def test_what_others_wrote_is_not_listed(channel: Channel) -> None:
    a_post(channel)
    listed = list(own_posts(channel).recent(START - 30 * HOUR))
    assert {post.remote_id for post in listed} <= set(channel.store.world(channel.platform).posts)


@pytest.mark.parametrize("platform", CASES)
def test_what_we_published_is_listed_under_the_id_that_publishing_told(
    sandbox: Sandbox, platform: Platform
) -> None:
    outlet = Channel(platform, sandbox)
    for kind in CASES[platform].kinds:
        request = asked(outlet, kind)
        request = replace(request, text=f"{request.text}（{kind}）", card=None)
        made = carry_out(outlet, request, Kept())
        found = list(own_posts(outlet).recent(datetime.now(UTC) - HOUR))
        assert made.remote_id in [post.remote_id for post in found]
        assert request.text in [post.text for post in found]


def test_looking_reads_only(channel: Channel) -> None:
    a_post(channel)
    list(own_posts(channel).recent(START))
    assert {line.split()[0] for line in sent(channel)} == {"GET"}


def test_line_lists_nothing(sandbox: Sandbox) -> None:
    with pytest.raises(Unsupported):
        own_posts(Channel(Platform.LINE, sandbox)).recent(datetime.now(UTC))

"""One suite for whoever shares, likes and follows for the society, over real HTTP."""

import pytest

from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.engaging import OFFERED, Engagement, Engager, offers
from jspm_social.platforms.errors import (
    AuthExpired,
    Missing,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Unsupported,
)
from jspm_social.platforms.names import Platform
from jspm_social.platforms.registry import ENGAGERS, engager_for
from jspm_social.platforms.sandbox.ids import INSTANCE, OWN_HANDLE, OWN_IDS
from jspm_social.platforms.sandbox.server import Sandbox

from .conftest import Channel
from .outgoing import Kept, sent

PAIRS = [(platform, deed) for platform, deeds in OFFERED.items() for deed in deeds]
LOST_AFTER = ["timeout_after", "cut_off", "malformed_json"]


@pytest.fixture(params=PAIRS, ids=lambda pair: f"{pair[0]}-{pair[1].value}")
def pair(request: pytest.FixtureRequest, sandbox: Sandbox) -> tuple[Channel, Engagement]:
    platform, deed = request.param
    return Channel(platform, sandbox), deed


def engager(channel: Channel) -> Engager:
    access = ChannelAccess(
        platform=channel.platform,
        account_id=OWN_IDS[channel.platform.value],
        base_url=channel.sandbox.base_url(channel.platform.value),
        secrets={**channel.secrets, **channel.saved},
        options=channel.options,
    )
    return engager_for(access, save_secrets=channel.saved.update)


def address(channel: Channel, deed: Engagement) -> str:
    """Where a person finds it: a post, or for a follow somebody."""
    world = channel.store.world(channel.platform.value)
    comment_id = world.aliases.get("c1") or channel.say(1)
    comment = channel.store.world(channel.platform.value).comments[comment_id]
    if deed is Engagement.FOLLOW:
        return person_url(channel, comment.author_id)
    return post_url(channel, comment.post_id)


def post_url(channel: Channel, remote_id: str) -> str:
    match channel.platform:
        case Platform.X:
            return f"https://x.com/{OWN_HANDLE}/status/{remote_id}"
        case Platform.BLUESKY:
            did, rkey = remote_id.split("/")[2], remote_id.split("/")[4]
            return f"https://bsky.app/profile/{did}/post/{rkey}"
        case _:
            return remote_id


def person_url(channel: Channel, key: str) -> str:
    if channel.platform == Platform.BLUESKY:
        return f"https://bsky.app/profile/{key}"
    return f"{INSTANCE}/@{key}"


def done(channel: Channel) -> int:
    """How often anything was really done there."""
    world = channel.store.world(channel.platform.value)
    if channel.platform == Platform.BLUESKY:
        kinds = ("repost", "like", "follow")
        return sum(1 for uri in world.records if uri.split("/")[3].rsplit(".", 1)[-1] in kinds)
    return sum(n for call, n in world.calls.items() if call.split()[0] != "publish")


def test_what_is_offered_has_an_engager() -> None:
    assert set(OFFERED) == set(ENGAGERS)


@pytest.mark.parametrize(
    ("platform", "deed", "granted", "offered"),
    [
        (Platform.X, Engagement.SHARE, None, True),
        (Platform.X, Engagement.SHARE, {"tweet.read"}, False),
        (Platform.X, Engagement.LIKE, None, False),
        (Platform.FACEBOOK, Engagement.SHARE, None, False),
        (Platform.BLUESKY, Engagement.FOLLOW, set(), True),
        (Platform.MASTODON, Engagement.LIKE, {"write:statuses"}, False),
        (Platform.MASTODON, Engagement.FOLLOW, {"follow"}, True),
    ],
)
def test_what_the_permissions_allow(
    platform: Platform, deed: Engagement, granted: set[str] | None, offered: bool
) -> None:
    assert offers(platform, deed, granted) is offered


def test_done_once_and_seen_to_be_done(pair: tuple[Channel, Engagement]) -> None:
    channel, deed = pair
    subject, kept = engager(channel).resolve(deed, address(channel, deed)), Kept()
    assert not subject.to_us
    assert engager(channel).stands(deed, subject, kept) is False
    engager(channel).perform(deed, subject, kept)
    assert engager(channel).stands(deed, subject, kept) is True
    assert done(channel) == 1
    assert engager(channel).stands(deed, subject, Kept()) is True  # another worker sees it, too


@pytest.mark.parametrize("fault", [*LOST_AFTER, "timeout_before", "5xx"])
def test_a_lost_answer_is_settled_by_looking(pair: tuple[Channel, Engagement], fault: str) -> None:
    channel, deed = pair
    subject, kept = engager(channel).resolve(deed, address(channel, deed)), Kept()
    channel.fault(fault, match="POST *")
    with pytest.raises(OutcomeUnknown):
        engager(channel).perform(deed, subject, kept)
    stands = engager(channel).stands(deed, subject, kept)
    assert stands is (fault in LOST_AFTER)
    if not stands:
        engager(channel).perform(deed, subject, kept)
    assert done(channel) == 1


@pytest.mark.parametrize(("fault", "error"), [("429", RateLimited), ("revoked_token", AuthExpired)])
def test_a_refusal_is_named_and_nothing_is_done(
    pair: tuple[Channel, Engagement], fault: str, error: type[PlatformError]
) -> None:
    channel, deed = pair
    subject = engager(channel).resolve(deed, address(channel, deed))
    channel.fault(fault, match="POST *", times=3)
    channel.secrets["app_password"] = "wrong"  # Bluesky would sign in anew
    with pytest.raises(error):
        engager(channel).perform(deed, subject, Kept())
    assert done(channel) == 0


@pytest.mark.parametrize(("platform", "deed"), [p for p in PAIRS if p[1] != Engagement.FOLLOW])
def test_a_comment_to_us_is_known_as_one(
    sandbox: Sandbox, platform: Platform, deed: Engagement
) -> None:
    channel = Channel(platform, sandbox)
    comment = channel.say(1)
    nested = channel.say(2, parent="c1", post={"id": "p1"})
    for remote_id in (comment, nested):
        assert engager(channel).resolve(deed, post_url(channel, remote_id)).to_us is True


def test_what_is_gone_is_missing(pair: tuple[Channel, Engagement]) -> None:
    channel, deed = pair
    if deed is Engagement.FOLLOW:
        return
    url = address(channel, deed)
    (post,) = channel.store.world(channel.platform.value).posts
    channel.store.withdraw(channel.platform.value, post)
    with pytest.raises(Missing):
        engager(channel).resolve(deed, url)


@pytest.mark.parametrize(
    "url", ["https://evil.example/x.com/a/status/1", "https://x.com.evil.example/a/status/1"]
)
@pytest.mark.parametrize("platform", [Platform.X, Platform.BLUESKY])
def test_an_address_elsewhere_is_not_asked_for(
    sandbox: Sandbox, platform: Platform, url: str
) -> None:
    channel = Channel(platform, sandbox)
    with pytest.raises(Unsupported):
        engager(channel).resolve(Engagement.SHARE, url)
    assert sent(channel) == []

"""Where a manual task leads: to the page on which a person can really do it."""

from dataclasses import replace
from itertools import product

import pytest

from jspm_social.platforms.capabilities import Offer, cells_of
from jspm_social.platforms.links import LONGEST, Place, page_for
from jspm_social.platforms.names import Effect, Platform

COMMENT = "https://platform.example/comment"
PLACE = Place(
    platform=Platform.X,
    comment_url=COMMENT,
    post_id="900",
    author_key="key:77",
    author_handle="hanako",
    author_url="https://platform.example/author",
    account_id="own-id",
    account_name="jspm",
    base_url="https://mastodon.example",
)
STUDIO = "https://studio.youtube.com/channel/own-id"
PEOPLE = {
    Platform.X: "https://x.com/hanako",
    Platform.FACEBOOK: "https://platform.example/author",
    Platform.INSTAGRAM: "https://www.instagram.com/hanako/",
    Platform.YOUTUBE: COMMENT,
    Platform.LINE: "https://chat.line.biz/",
    Platform.THREADS: "https://www.threads.net/@hanako",
    Platform.BLUESKY: "https://bsky.app/profile/key:77",
    Platform.MASTODON: "https://mastodon.example/@hanako",
}
ELSEWHERE = {
    (Platform.X, Effect.UNHIDE): "https://x.com/jspm/status/900/hidden",
    (Platform.YOUTUBE, Effect.UNHIDE): f"{STUDIO}/comments/inbox",
    (Platform.YOUTUBE, Effect.UNBLOCK): f"{STUDIO}?d=sd&sds=community",
    (Platform.FACEBOOK, Effect.UNBLOCK): "https://www.facebook.com/settings?tab=blocking",
}
# Everything that can ever be left to a person: also what the API would do, without a connection.
BY_HAND = [
    (platform, effect)
    for platform, effect in product(Platform, Effect)
    if cells_of(platform, connected=False)[effect].offer is Offer.BY_HAND
]


@pytest.mark.parametrize(("platform", "effect"), BY_HAND)
def test_task_leads_to_the_right_page(platform: Platform, effect: Effect) -> None:
    aimed_at_people = effect in {Effect.BLOCK, Effect.UNBLOCK, Effect.MUTE}
    expected = ELSEWHERE.get((platform, effect), PEOPLE[platform] if aimed_at_people else COMMENT)
    assert page_for(effect, replace(PLACE, platform=platform)) == expected


@pytest.mark.parametrize(("platform", "effect"), BY_HAND)
def test_task_of_somebody_unnamed_leads_to_the_comment_at_least(
    platform: Platform, effect: Effect
) -> None:
    unknown = Place(platform=platform, comment_url=COMMENT)
    assert page_for(effect, unknown).startswith("https://")


@pytest.mark.parametrize(("platform", "effect"), BY_HAND)
@pytest.mark.parametrize("handle", ["あ" * 255, "../../evil", "a b?x#y", "@evil.example/x"])
def test_a_hostile_name_stays_in_its_place(platform: Platform, effect: Effect, handle: str) -> None:
    place = replace(PLACE, platform=platform, author_handle=handle, author_key=handle)
    page = page_for(effect, place)
    own = page_for(effect, replace(PLACE, platform=platform))
    assert len(page) <= LONGEST
    assert " " not in page
    assert page.split("/")[2] in {own.split("/")[2], "platform.example"}

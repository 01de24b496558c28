"""Our own posts on a real AT Protocol network."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jspm_social.platforms.contract import Achieved
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Rejected
from jspm_social.platforms.publishing import Card, Published, Publisher
from jspm_social.platforms.registry import publisher_for
from tests.platforms.adapters.outgoing import Kept, wish
from tests.real.atproto import Network, Society
from tests.real.pictures import png

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


def publisher(society: Society) -> Publisher:
    return publisher_for(society.access(), save_secrets=society.saved.update)


def view(network: Network, published: Published) -> dict[str, Any]:
    """The post as somebody else is shown it; {} for none."""
    network.settle()
    found = network.onlooker.get("app.bsky.feed.getPosts", uris=published.remote_id)
    posts: list[dict[str, Any]] = found["posts"]
    return posts[0] if posts else {}


def test_text_with_addresses_tags_and_mentions_is_shown_as_such(
    society: Society, network: Network
) -> None:
    handle = network.onlooker.handle
    text = f"🌸演題募集 https://example.org/演題?a=1 #緩和ケア @{handle} @nobody.test さん"
    published = publisher(society).publish(wish(text=text), Kept())
    record = view(network, published)["record"]
    assert (record["text"], record["langs"]) == (text, ["ja"])
    raw = text.encode()
    marked = {
        raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(): feature
        for facet in record["facets"]
        for feature in facet["features"]
    }
    assert marked[f"@{handle}"]["did"] == network.onlooker.did
    assert marked["#緩和ケア"]["tag"] == "緩和ケア"
    assert any("uri" in feature for feature in marked.values())
    assert "@nobody.test" not in marked


def test_a_picture_is_shown_with_its_description(society: Society, network: Network) -> None:
    published = publisher(society).publish(wish(media=(png("会場の写真"),)), Kept())
    embed = view(network, published)["embed"]
    (image,) = embed["images"]
    assert (embed["$type"], image["alt"]) == ("app.bsky.embed.images#view", "会場の写真")
    assert image["aspectRatio"] == {"width": 1, "height": 1}


def test_a_link_is_shown_as_a_card(society: Society, network: Network) -> None:
    card = Card("https://example.org/", "演題募集", "締切は1月15日")
    embed = view(network, publisher(society).publish(wish(card=card), Kept()))["embed"]
    assert embed["external"] == {
        "uri": "https://example.org/",
        "title": "演題募集",
        "description": "締切は1月15日",
    }


def test_what_was_sent_is_found_and_never_sent_twice(society: Society) -> None:
    """The answer was lost: the record stands, and its key is taken."""
    progress = Kept()
    first = publisher(society).publish(wish(), progress)
    assert publisher(society).find(wish(), progress, since=LONG_AGO) == first
    with pytest.raises(OutcomeUnknown):
        publisher(society).publish(wish(), progress)
    assert [r["text"] for r in society.person.records("app.bsky.feed.post")] == [wish().text]


def test_what_was_never_sent_is_not_found(society: Society) -> None:
    progress = Kept(rkey="3jt6walwmos2y")
    assert publisher(society).find(wish(), progress, since=LONG_AGO) is None
    published = publisher(society).publish(wish(), progress)
    assert published.remote_id.endswith("/3jt6walwmos2y")


def test_a_post_is_read_back_and_withdrawn(society: Society, network: Network) -> None:
    published = publisher(society).publish(wish(), Kept())
    assert publisher(society).read(published.remote_id) == published
    assert view(network, published)["record"]["text"] == wish().text
    achieved = [publisher(society).withdraw(published.remote_id).achieved for _ in range(2)]
    assert achieved == [Achieved.APPLIED, Achieved.GONE]
    assert view(network, published) == {}
    with pytest.raises(Missing):
        publisher(society).read(published.remote_id)


@pytest.mark.parametrize("letter", ["緩", "👩‍⚕️", "a"])
def test_the_longest_text_is_taken_and_one_letter_more_is_not_sent(
    society: Society, letter: str
) -> None:
    longest = letter * min(300, 3000 // len(letter.encode()))
    assert publisher(society).publish(wish(text=longest), Kept()).text == longest
    with pytest.raises(Rejected):
        publisher(society).publish(wish(text=longest + letter), Kept())
    with pytest.raises(RuntimeError, match=r"^400 "):  # nor would the network take it
        society.person.post(longest + letter)

"""Our own posts on servers with the Mastodon API that others wrote."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jspm_social.platforms.contract import Achieved
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Unsupported
from jspm_social.platforms.publishing import Poll, Publisher
from jspm_social.platforms.registry import publisher_for
from tests.platforms.adapters.outgoing import Kept, wish
from tests.real.mastodon import Snac, Society
from tests.real.pictures import png

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def society(member: Society) -> Society:
    return member


def publisher(society: Society) -> Publisher:
    return publisher_for(society.access(), save_secrets=lambda _: None)


def standing(society: Society) -> list[dict[str, Any]]:
    """What stands on the account, newest first."""
    found: list[dict[str, Any]] = society.person.get(f"accounts/{society.person.id}/statuses")
    return found


def test_a_text_is_published_and_read_back(society: Society) -> None:
    published = publisher(society).publish(wish(), Kept())
    assert published.text == wish().text
    assert publisher(society).read(published.remote_id).text == wish().text
    assert [status["uri"] for status in standing(society)] == [published.remote_id]
    assert standing(society)[0]["visibility"] == "public"


def test_a_picture_is_published_with_its_description(society: Society) -> None:
    publisher(society).publish(wish(media=(png("会場の写真"),)), Kept())
    (status,) = standing(society)
    (attached,) = status["media_attachments"]
    assert (attached["type"], attached["description"]) == ("image", "会場の写真")


def test_a_poll_is_published_whole_or_there_is_doubt(society: Society) -> None:
    poll = Poll(("はい", "いいえ"), timedelta(days=1))
    if isinstance(society.person.server, Snac):  # leaves it out, and deletes nothing by its API
        with pytest.raises(OutcomeUnknown):
            publisher(society).publish(wish(poll=poll), Kept())
        return
    publisher(society).publish(wish(poll=poll), Kept())
    (status,) = standing(society)
    options = status["poll"]["options"]
    assert [option["title"] for option in options] == ["はい", "いいえ"]


def test_what_was_sent_is_found_before_it_is_sent_again(society: Society) -> None:
    """The answer was lost: the post is known by what was noted before it was sent."""
    progress = Kept()
    assert publisher(society).find(wish(), progress, since=LONG_AGO) is None
    first = publisher(society).publish(wish(), progress)
    found = publisher(society).find(wish(), progress, since=LONG_AGO)
    assert found is not None
    assert found.remote_id == first.remote_id


def test_a_post_is_withdrawn(society: Society) -> None:
    published = publisher(society).publish(wish(), Kept())
    if isinstance(society.person.server, Snac):  # which has no such call
        with pytest.raises(Unsupported):
            publisher(society).withdraw(published.remote_id)
        return
    achieved = [publisher(society).withdraw(published.remote_id).achieved for _ in range(2)]
    assert achieved == [Achieved.APPLIED, Achieved.GONE]
    assert standing(society) == []
    with pytest.raises(Missing):
        publisher(society).read(published.remote_id)

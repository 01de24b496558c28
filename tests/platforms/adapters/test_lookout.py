"""Looking before repeating: what is kept, when a look is proof, and when it is not."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from jspm_social.platforms.adapters import lookout
from jspm_social.platforms.adapters.lookout import MARGIN, SETTLES, Alike, Likeness, likeness
from jspm_social.platforms.errors import Pending, Unsupported
from jspm_social.platforms.publishing import Published

from .outgoing import Kept

ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

IDS = st.lists(st.sampled_from("abc"), max_size=4)


def now() -> datetime:
    return datetime.now(UTC)


def listing(*posts: tuple[Likeness, str]) -> Alike:
    def alike(since: datetime) -> Iterable[tuple[Likeness, Published]]:
        return [(like, Published(remote_id)) for like, remote_id in posts]

    return alike


def kept_since(age: timedelta, before: str = "") -> Kept:
    at = (now() - age).isoformat()
    return Kept(looked=at, sending=at, before=before)


def test_first_look_keeps_what_stands_there_already() -> None:
    kept = Kept()
    posts = listing((Likeness.YES, "1"), (Likeness.NO, "2"), (Likeness.DOUBT, "3"))
    lookout.note_before_sending(kept, posts)
    assert kept.done["before"] == "1 3"
    assert kept.done["looked"] == kept.done["sending"]
    assert kept.times == 1


def test_later_sending_keeps_its_time_and_what_was_seen_first() -> None:
    kept = kept_since(timedelta(hours=1), before="1")
    lookout.note_before_sending(kept, listing((Likeness.YES, "2")))
    assert kept.done["before"] == "1"
    assert now() - datetime.fromisoformat(kept.done["sending"]) < timedelta(seconds=10)
    assert now() - datetime.fromisoformat(kept.done["looked"]) > timedelta(minutes=59)


def test_both_looks_reach_back_equally_far() -> None:
    asked: list[datetime] = []

    def alike(since: datetime) -> Iterable[tuple[Likeness, Published]]:
        asked.append(since)
        return []

    kept = Kept()
    lookout.note_before_sending(kept, alike)
    kept.keep(sending=(now() - SETTLES).isoformat())
    assert lookout.find(kept, alike) is None
    looked = datetime.fromisoformat(kept.done["looked"])
    assert asked == [looked - MARGIN] * 2


def test_nothing_was_sent_and_nothing_is_asked() -> None:
    def alike(since: datetime) -> Iterable[tuple[Likeness, Published]]:
        raise AssertionError

    assert lookout.find(Kept(media0="1"), alike) is None


def test_none_is_proof_only_once_it_has_settled() -> None:
    early, late = timedelta(seconds=5), SETTLES + timedelta(seconds=1)
    with pytest.raises(Pending) as caught:
        lookout.find(kept_since(early), listing())
    assert now() < caught.value.until <= now() + SETTLES
    assert lookout.find(kept_since(late), listing()) is None
    found = lookout.find(kept_since(early), listing((Likeness.YES, "1")))
    assert found is not None
    assert found.remote_id == "1"


def test_settling_counts_from_the_last_sending() -> None:
    kept = kept_since(timedelta(hours=1))
    kept.keep(sending=now().isoformat())
    with pytest.raises(Pending):
        lookout.find(kept, listing())


def test_what_was_there_before_is_not_found_and_doubt_goes_to_a_person() -> None:
    kept = kept_since(timedelta(hours=1), before="1 2")
    assert lookout.find(kept, listing((Likeness.YES, "1"), (Likeness.DOUBT, "2"))) is None
    with pytest.raises(Unsupported):
        lookout.find(kept, listing((Likeness.DOUBT, "3"), (Likeness.NO, "4")))
    found = lookout.find(kept, listing((Likeness.DOUBT, "3"), (Likeness.YES, "4")))
    assert found is not None
    assert found.remote_id == "4"


@ANY_MACHINE
@given(st.booleans(), st.booleans(), IDS, IDS, st.booleans())
def test_likeness(
    words: bool, poll: bool, theirs: list[str], ours: list[str], known_ids: bool
) -> None:
    like = likeness(words=words, media=(theirs, ours), poll=poll, known_ids=known_ids)
    if not (words and poll and len(theirs) == len(ours)):
        assert like is Likeness.NO
    elif sorted(theirs) == sorted(ours):
        assert like is Likeness.YES
    else:
        assert like is (Likeness.NO if known_ids else Likeness.DOUBT)

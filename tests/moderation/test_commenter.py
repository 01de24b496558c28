"""What the case page tells of a commenter."""

import pytest

from jspm_social.platforms.models import Channel
from moderation.presenters.case import HISTORY_SHOWN, commenter
from policy.models import RuleSet
from tests.moderation.making import decide_case, open_case, store, told
from tests.people import People


@pytest.mark.parametrize("count", [1, HISTORY_SHOWN + 2])
def test_commenter_counts_every_strike_and_lists_the_latest(
    policy: RuleSet, channel: Channel, people: People, count: int
) -> None:
    same = told(1).author
    rows = store(channel, *(told(number, author=same) for number in range(count)))
    for row in rows:
        decide_case(open_case(row), people.moderator)
    shown = commenter(rows[0])
    assert shown["strike_count"] == count
    assert len(shown["strikes"]) == min(count, HISTORY_SHOWN)
    assert (f"{count}件" in shown["advice"]) == (count > 1)

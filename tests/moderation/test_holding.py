"""No more than a day's cap is held, however much comes in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jspm_social.transitions import move
from moderation.models import Comment
from policy.criteria import Criterion
from policy.models import CriterionSetting, RuleSet
from policy.states import RULESET_MOVES, RuleSetState
from tests.moderation.making import make_channel, store_and_judge, told
from tests.moderation.small_policy import MILD, SEVERE, load_small_policy


@pytest.fixture
def holding(db: None) -> RuleSet:
    """A rule set that holds for ア, three a day."""
    first = load_small_policy()
    second = RuleSet.objects.create(number=2, policy_version=first.policy_version)
    for setting in first.settings.all():
        setting.pk, setting.ruleset = None, second
        setting.save(force_insert=True)
    for rule in first.rules.all():
        rule.pk, rule.ruleset = None, second
        rule.save(force_insert=True)
    CriterionSetting.objects.filter(ruleset=second, criterion=Criterion.UNLAWFUL).update(
        automation="hide", daily_cap=3
    )
    move(first, table=RULESET_MOVES, to=RuleSetState.RETIRED)
    move(second, table=RULESET_MOVES, to=RuleSetState.ACTIVE)
    return second


def routes() -> list[str]:
    return list(Comment.objects.order_by("posted_at").values_list("route", flat=True))


def test_beyond_the_cap_comments_wait_for_a_person(holding: RuleSet) -> None:
    channel = make_channel()
    store_and_judge(channel, *(told(n, f"{SEVERE}の話 その{n}") for n in range(1, 3)))
    store_and_judge(channel, *(told(n, f"{SEVERE}の話 その{n}") for n in range(3, 6)))
    assert routes() == ["hold", "hold", "hold", "queue", "queue"]


def test_other_grounds_use_up_nothing(holding: RuleSet) -> None:
    channel = make_channel()
    store_and_judge(channel, *(told(n, f"{MILD}の話 その{n}") for n in range(1, 5)))
    store_and_judge(channel, told(9, f"{SEVERE}の話"))
    assert routes() == ["queue"] * 4 + ["hold"]


def test_a_new_day_has_room_again(holding: RuleSet) -> None:
    channel = make_channel()
    store_and_judge(channel, *(told(n, f"{SEVERE}の話 その{n}") for n in range(1, 5)))
    Comment.objects.update(judged_at=timezone.now() - timedelta(days=1))
    store_and_judge(channel, told(9, f"{SEVERE}の話 その9"))
    assert routes() == ["hold", "hold", "hold", "queue", "hold"]

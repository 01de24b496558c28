"""The register of actions: default deny, and nothing that would be an answer."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.roles import Role
from jspm_social.platforms import comment_links
from jspm_social.platforms.models import Channel
from posts.errors import Overtaken, Refused
from posts.models import RegisteredAction
from posts.register_rules import RULES, Kind, Relation, missing
from posts.services import register
from posts.states import ActionState
from tests.people import People, client_of, make_person
from tests.posts.making import make_channel

URL = "https://x.com/other/status/1"
FULL = {
    "target_url": URL,
    "relation": Relation.OURS,
    "exception": "災害時の案内",
    "reason": "大会の登壇者",
    "plan": "進行表のとおり",
    "starts_at": timezone.now(),
    "ends_at": timezone.now(),
    "archive": "1か月公開",
}


@pytest.fixture
def account(db: None) -> Channel:
    return make_channel()


def propose(people: People, account: Channel, kind: Kind, **changes: Any) -> RegisteredAction:
    stated = {**FULL, "on_duty": people.chair, **changes}
    return register.propose(actor=people.admin, kind=kind, channel=account, stated=stated)


def test_there_is_no_kind_that_answers() -> None:
    told = "share quote like follow poll question live mention story reel"
    assert [kind.value for kind in Kind] == told.split()
    assert set(RULES) == set(Kind)


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_asks_for_what_its_rule_names(kind: Kind) -> None:
    assert missing(kind, {}) != []
    rule = RULES[kind]
    stated: dict[str, object] = dict.fromkeys(rule.needs, "x")
    if rule.relations:
        stated["relation"] = rule.relations[0]
    assert missing(kind, stated) == []
    for name in rule.needs:
        assert len(missing(kind, {**stated, name: ""})) == 1
    for relation in set(Relation) - set(rule.relations):
        expected = 1 if "relation" in rule.needs else 0
        assert len(missing(kind, {**stated, "relation": relation})) == expected


def test_a_quote_needs_its_exception_and_the_chair(people: People, account: Channel) -> None:
    with pytest.raises(Refused, match="例外とする理由"):
        propose(people, account, Kind.QUOTE, exception="")
    action = propose(people, account, Kind.QUOTE)
    register.answer(actor=people.member, action=action, agree=True)
    assert action.state == ActionState.PROPOSED
    register.answer(actor=people.chair, action=action, agree=True)
    assert action.state == ActionState.AGREED


@pytest.fixture
def a_comment(account: Channel) -> Iterator[str]:
    """The address of something that somebody wrote to us."""
    url = "https://x.com/who/status/9"
    known = list(comment_links._look_up)
    comment_links.register(lambda channel, asked: asked == url)
    yield url
    comment_links._look_up[:] = known


@pytest.mark.parametrize("kind", [Kind.LIKE, Kind.SHARE, Kind.QUOTE, Kind.MENTION])
def test_a_comment_to_us_gets_no_reaction(
    people: People, account: Channel, a_comment: str, kind: Kind
) -> None:
    with pytest.raises(Refused, match="返信にあたる"):
        propose(people, account, kind, target_url=a_comment)
    propose(people, account, kind)


def test_who_does_not_know_refuses(people: People, account: Channel, a_comment: str) -> None:
    comment_links._look_up.clear()
    with pytest.raises(Refused, match="返信にあたる"):
        propose(people, account, Kind.LIKE)


def test_nobody_agrees_to_their_own(people: People, account: Channel) -> None:
    proposer = make_person("proposer", Role.MEMBER)
    action = register.propose(actor=proposer, kind=Kind.LIKE, channel=account, stated=FULL)
    with pytest.raises(Refused, match="関わった人"):
        register.answer(actor=proposer, action=action, agree=True)
    register.answer(actor=people.member, action=action, agree=False, note="関連が薄い")
    assert action.state == ActionState.DROPPED
    with pytest.raises(Overtaken):
        register.carry_out(actor=people.member, action=action, outcome="")


def test_a_follow_is_looked_at_every_year(people: People, account: Channel) -> None:
    with time_machine.travel(date(2026, 4, 1), tick=False) as clock:
        action = propose(people, account, Kind.FOLLOW, relation=Relation.SOCIETY)
        register.answer(actor=people.member, action=action, agree=True)
        register.carry_out(actor=people.member, action=action, outcome="")
        assert action.review_on == date(2027, 4, 1)
        assert not register.due_for_review().exists()
        clock.shift(timedelta(days=365))
        assert list(register.due_for_review()) == [action]
        register.review_again(actor=people.member, action=action)
        assert not register.due_for_review().exists()


def test_a_poll_needs_a_note_of_its_result(people: People, account: Channel) -> None:
    action = propose(people, account, Kind.POLL)
    register.answer(actor=people.member, action=action, agree=True)
    with pytest.raises(Refused, match="結果"):
        register.carry_out(actor=people.member, action=action, outcome=" ")
    register.carry_out(actor=people.member, action=action, outcome="翌週の投稿で報告")
    assert action.state == ActionState.DONE


def test_the_pages_of_the_register(people: People, account: Channel) -> None:
    author, member = client_of(people.admin), client_of(people.member)
    sent = {"kind": "like", "channel": account.pk, "target_url": URL, "relation": ""}
    refused = author.post(reverse("posts:propose"), sent)
    assert "本学会との関係を入力してください" in refused.content.decode()
    assert URL in refused.content.decode()
    author.post(reverse("posts:propose"), sent | {"relation": "society"})
    action = RegisteredAction.objects.get()
    page = reverse("posts:action", args=[action.pk])
    assert "同意する</button>" not in author.get(page).content.decode()
    assert "同意する</button>" in member.get(page).content.decode()
    member.post(page, {"verb": "agree"})
    assert f'href="{URL}"' in member.get(page).content.decode()
    member.post(page, {"verb": "done", "note": "しました"})
    action.refresh_from_db()
    assert (action.state, action.outcome) == (ActionState.DONE, "しました")
    member.post(page, {"verb": "drop"})
    action.refresh_from_db()
    assert action.state == ActionState.DROPPED
    assert "いいね" in member.get(reverse("posts:register")).content.decode()

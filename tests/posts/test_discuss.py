"""Remarks and suggestions: a suggester stays free to approve."""

import pytest

from jspm_social.platforms.models import Channel
from posts.errors import Overtaken, Refused
from posts.models import DraftComment
from posts.services import discuss
from posts.states import PostState, SuggestionState
from tests.people import People
from tests.posts.making import approve, draft, edit, submit


def test_a_suggestion_that_is_taken_is_the_authors_change(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel, body="大会は金曜日です。")
    made = discuss.suggest(actor=people.member, post=post, old="金曜日", start=3, new="土曜日")
    after = discuss.accept(actor=people.admin, suggestion=made)
    assert after.draft.body == "大会は土曜日です。"
    assert (made.state, made.settled_by) == (SuggestionState.ACCEPTED, people.admin)
    approve(people.member, submit(people.admin, post))
    post.refresh_from_db()
    assert post.state == PostState.APPROVED


def test_a_passage_that_moved_is_found_where_it_stands_once(
    people: People, channel: Channel
) -> None:
    post = draft(people.admin, channel, body="大会は金曜日です。")
    made = discuss.suggest(actor=people.member, post=post, old="金曜日", start=3, new="土曜日")
    edit(people.admin, post, "ご案内：大会は金曜日です。")
    assert (
        discuss.accept(actor=people.admin, suggestion=made).draft.body
        == "ご案内：大会は土曜日です。"
    )


def test_a_passage_that_is_gone_changes_nothing(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel, body="大会は金曜日です。")
    made = discuss.suggest(actor=people.member, post=post, old="金曜日", start=3, new="土曜日")
    edit(people.admin, post, "大会は中止です。")
    with pytest.raises(Refused, match="見つかりません"):
        discuss.accept(actor=people.admin, suggestion=made)
    with pytest.raises(Refused, match="見つかりません"):
        discuss.suggest(actor=people.member, post=post, old="金曜日", start=3, new="土曜日")


def test_nobody_takes_their_own_and_nothing_is_settled_twice(
    people: People, channel: Channel
) -> None:
    post = draft(people.admin, channel, body="大会は金曜日です。")
    made = discuss.suggest(actor=people.member, post=post, old="金曜日", start=3, new="土曜日")
    with pytest.raises(Refused, match="自分の提案"):
        discuss.accept(actor=people.member, suggestion=made)
    discuss.decline(actor=people.admin, suggestion=made)
    with pytest.raises(Overtaken):
        discuss.accept(actor=people.admin, suggestion=made)


def test_a_remark_stands_until_it_is_resolved(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel)
    said = discuss.remark(
        actor=people.member, post=post, text="会場は？", quote="大会", start=2,
        mentions=[people.admin, people.member],
    )  # fmt: skip
    assert list(said.mentions.all()) == [people.admin]
    assert said.revision.number == 1
    discuss.resolve(actor=people.admin, remark=said)
    with pytest.raises(Overtaken):
        discuss.resolve(actor=people.member, remark=said)
    assert DraftComment.objects.get().resolved_by == people.admin
    with pytest.raises(Refused):
        discuss.remark(actor=people.member, post=post, text="  ")

"""ス: the post and what a comment makes of it, beside each other."""

from typing import Any

import pytest
from django.urls import reverse

from jspm_social.platforms.models import Channel
from moderation.models import Case, Comment
from moderation.presenters.alteration import Row, side_by_side
from policy.models import RuleSet
from tests.moderation.making import judgement_of, open_case, store, told
from tests.people import People, client_of

POST = "大会は6月5日に京都で開きます。参加費は3,000円です。申込は5月末までです。"
SAID = "学会より：大会は6月5日に京都で開きます。参加費は30,000円です。"


def case_about(channel: Channel, text: str, evidence: list[dict[str, Any]], *labels: str) -> Case:
    (comment,) = store(channel, told(1, text))
    comment.post.text = POST
    comment.post.save()
    judgement = judgement_of(comment, labels=list(labels), evidence=evidence)
    case = open_case(comment, judgement=judgement, labels=list(labels))
    return Case.objects.select_related("comment__post", "judgement__revision").get(pk=case.pk)


def found(text: str, words: str, criterion: str = "ス") -> dict[str, Any]:
    start = text.index(words)
    return {
        "criterion": criterion,
        "start": start,
        "end": start + len(words),
        "why": "投稿にない数字です",
        "rule": "phase:alteration:figures",
        "field": "text",
    }


def differing(row: Row) -> tuple[list[str], list[str]]:
    ours = [piece.text for piece in row.ours if piece.kind != "same"]
    return ours, [piece.text for piece in row.theirs if piece.kind != "same"]


def whole(row: Row) -> tuple[str, str]:
    return "".join(p.text for p in row.ours), "".join(p.text for p in row.theirs)


def test_the_sentence_with_the_evidence_stands_beside_its_like(
    policy: RuleSet, channel: Channel
) -> None:
    (row,) = side_by_side(case_about(channel, SAID, [found(SAID, "30,000円")], "ス"))
    assert whole(row) == ("参加費は3,000円です。", "参加費は30,000円です。")
    assert differing(row) == (["3"], ["30"])


def test_without_places_every_sentence_is_compared(policy: RuleSet, channel: Channel) -> None:
    first, second = side_by_side(case_about(channel, SAID, [], "ス"))
    assert differing(first)[1] == ["学会より："]
    assert differing(second) == (["3"], ["30"])


def test_what_is_like_nothing_stands_alone(policy: RuleSet, channel: Channel) -> None:
    text = "ABCDEFGH"
    (row,) = side_by_side(case_about(channel, text, [found(text, "ABC")]))
    assert (row.ours, whole(row)[1]) == ([], text)


@pytest.mark.parametrize("criterion", ["ク", "criticism"])
def test_other_grounds_compare_nothing(policy: RuleSet, channel: Channel, criterion: str) -> None:
    assert side_by_side(case_about(channel, SAID, [found(SAID, "30,000円", criterion)])) == []


def test_an_erased_comment_is_not_compared(policy: RuleSet, channel: Channel) -> None:
    case = case_about(channel, SAID, [found(SAID, "30,000円")], "ス")
    Comment.objects.update(erasure="expired", text="")
    case.comment.refresh_from_db()
    assert side_by_side(case) == []


def test_the_page_shows_it_and_escapes_everything(
    policy: RuleSet, channel: Channel, people: People
) -> None:
    text = "参加費は<script>alert(1)</script>円です。"
    case = case_about(channel, text, [found(text, "<script>")], "ス")
    page = (
        client_of(people.moderator).get(reverse("moderation:case", args=[case.pk])).content.decode()
    )
    table = page[page.index("投稿との違い") : page.index("本学会の投稿</h2>")]
    assert "<script>" not in table
    assert table.count("［違う言葉：") >= 2
    assert "&lt;" in table
    assert '<th scope="col">本学会の投稿</th>' in table


def test_a_hostile_text_is_compared_in_no_time(policy: RuleSet, channel: Channel) -> None:
    """No more is compared than is shown: the work is bounded by the limits, not by the text."""
    text = "あ" * 20_000
    rows = side_by_side(case_about(channel, text, [found(text, "あ" * 20_000)], "ス"))
    assert len(rows) == 8
    assert all(len(whole(row)[1]) <= 220 for row in rows)

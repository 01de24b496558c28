"""What anybody types first must reach a person; what was suffered must not be flagged."""

import pytest

from policy.carried import carried_ruleset
from policy.criteria import Criterion, Route
from policy.engine import Author, Context, evaluate

CONTEXT = Context("学会のお知らせです。", Author("1", "名無し", "nanashi"))


@pytest.mark.parametrize(
    ("text", "criterion"),
    [
        ("死ね", Criterion.OTHER),
        ("しね", Criterion.OTHER),
        ("氏ね、バカ", Criterion.OTHER),
        ("殺すぞ", Criterion.UNLAWFUL),
        ("56すぞ", Criterion.UNLAWFUL),
        ("ぶっ殺してやる", Criterion.UNLAWFUL),
        ("末期がんはこれで治る！", Criterion.FALSEHOOD),
    ],
)
def test_plain_abuse_reaches_a_person(text: str, criterion: Criterion) -> None:
    verdict = evaluate(text, CONTEXT, carried_ruleset())
    assert criterion in verdict.labels
    assert verdict.route == Route.QUEUE


@pytest.mark.parametrize(
    "text",
    [
        "「死ね」と言われて辛かったです。",
        "死ね、と最後に言ったのは私です。今も悔やんでいます。",
        "いつ死ねるのか、と母は言いました。",
        "がんはこれで治るのでしょうか？",
        "楽しかったですね。",
    ],
)
def test_what_was_suffered_or_asked_is_not_abuse(text: str) -> None:
    assert evaluate(text, CONTEXT, carried_ruleset()).labels == ()

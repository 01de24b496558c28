"""What leaves the house, and what is believed of what comes back."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from policy.criteria import Criterion
from policy.phases.subject import Author
from policy.remote.answer import BadAnswer, findings, read_completion, usage
from policy.remote.masking import LONGEST, mask, plain
from policy.remote.prompt import Ground, fingerprint, messages, request_body, schema

NOBODY = Author("", "", "")
JAPANESE = st.text(
    st.sampled_from("あいうがのはをにアイウカ人今日大会痛緩和。、！ \nabc山田さん市区"), max_size=30
)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("電話は090-1234-5678です", "電話は〔番号〕です"),
        ("０９０ー１２３４ー５６７８へ", "〔番号〕へ"),
        ("〇九〇-一二三四-五六七八", "〔番号〕"),
        ("09\u200b0 1234\u200b5678", "〔番号〕"),
        ("①②③④⑤⑥⑦⑧", "〔番号〕"),
        ("〒104-0045", "〒〔番号〕"),
        ("taro.yamada@example.jp まで", "〔メール〕 まで"),
        ("taro＠example．jp", "〔メール〕"),
        ("taro[at]example[.]jp", "〔メール〕"),
        ("taroアットexampleドットjp", "〔メール〕"),
        ("@palliative_taro に聞いて", "〔アカウント〕 に聞いて"),
        ("LINE ID: taro_123", "〔アカウント〕"),
        ("東京都中央区築地5丁目1番1号に住む", "〔住所〕に住む"),
        ("さくら市本町3-2-1", "〔住所〕"),
        ("203号室", "〔住所〕"),
        ("佐藤花子さんはがんだ", "〔人名〕はがんだ"),
        ("本名は榎本 結芽、知ってた？", "本名は〔人名〕、知ってた？"),
        ("吉成　トシ子さん（84歳）", "〔人名〕さん（84歳）"),
        ("https://user:pw@example.jp/u/taro?id=5", "https://example.jp/…"),
        ("2026年4月1日の大会", "2026年4月1日の大会"),
        ("痛みが10日続き、3人に相談", "痛みが10日続き、3人に相談"),
        ("看護師さんと先生に感謝", "看護師さんと先生に感謝"),
    ],
)
def test_personal_data_is_masked_and_the_rest_stays(text: str, masked: str) -> None:
    assert mask(text, NOBODY) == masked


def test_the_authors_own_name_and_handle_are_masked() -> None:
    author = Author("", "緩和太郎", "@kanwa")
    assert mask("緩和太郎ことkanwaです", author) == "〔人名〕こと〔アカウント〕です"


def test_only_the_beginning_of_a_long_text_is_sent() -> None:
    assert len(mask("あ" * 30_000, NOBODY)) == LONGEST


@hypothesis_settings(deadline=None, max_examples=150)
@given(
    before=JAPANESE,
    after=JAPANESE,
    digits=st.text(
        st.sampled_from("0123456789０１２３４５６７８９〇一二三"), min_size=7, max_size=14
    ),
    gap=st.sampled_from(["", "-", " ", "ー", "・", "\u200b", "(", ".", "－"]),
)
def test_no_long_number_ever_leaves(before: str, after: str, digits: str, gap: str) -> None:
    sent = plain(mask(f"{before}{gap.join(digits)}{after}", NOBODY))
    assert re.search(r"[0-9](?:\W{0,3}[0-9]){6,}", sent) is None


@hypothesis_settings(deadline=None, max_examples=150)
@given(
    before=JAPANESE,
    after=JAPANESE,
    name=st.text(st.sampled_from("qxzjkv0123456789_"), min_size=4, max_size=12),
    way=st.sampled_from(
        [
            "{}@example.jp",
            "@{}",
            "{}＠example．co．jp",
            "https://x.example/{}",
            "{}(at)mail.example",
        ]
    ),
)
def test_no_mail_handle_or_profile_ever_leaves(
    before: str, after: str, name: str, way: str
) -> None:
    sent = mask(f"{before} {way.format(name)} {after}", NOBODY)
    assert name not in plain(sent)


@hypothesis_settings(deadline=None, max_examples=100)
@given(st.text(max_size=200))
def test_any_text_can_be_masked(text: str) -> None:
    assert isinstance(mask(text, Author("k", text[:3], text[3:9])), str)


GROUND = Ground("エ", "誹謗中傷の文", "手引き", ("当たる",), ("当たらない",))


def test_the_instruction_is_the_policy() -> None:
    system, user = messages([GROUND], comment="こんにちは", post="お知らせ")
    for part in ("「エ」 誹謗中傷", "誹謗中傷の文", "手引き", "例：当たる", "例：当たらない"):
        assert part in system["content"]
    assert "こんにちは" not in system["content"]
    assert "こんにちは" in user["content"]


@given(st.text(max_size=300), st.text(max_size=50))
def test_a_comment_stays_inside_its_fence(comment: str, post: str) -> None:
    system, user = messages([GROUND], comment=comment, post=post)
    first, data, last = user["content"].split("\n")  # JSON writes line ends as \n
    fence = first.removeprefix("<<<")
    assert last == f"{fence}>>>"
    assert fence not in data
    assert fence in system["content"]
    assert json.loads(data) == {"投稿": post, "コメント": comment}


def test_the_same_question_has_the_same_fingerprint_and_another_none() -> None:
    def asked(model: str = "m", ground: Ground = GROUND, comment: str = "c") -> str:
        return fingerprint(request_body(model, [ground], comment=comment, post="p"))

    other = Ground("エ", "改正された文", "", (), ())
    assert asked() == asked()
    assert len({asked(), asked("n"), asked(ground=other), asked(comment="d")}) == 4


def test_the_schema_allows_only_what_is_asked() -> None:
    finding = schema(["ア", "エ"])["properties"]["findings"]["items"]
    assert finding["properties"]["criterion"]["enum"] == ["ア", "エ"]
    assert finding["additionalProperties"] is False


def one(**changes: Any) -> dict[str, Any]:
    return {"criterion": "エ", "confidence": 0.8, "reason": "名指しの侮辱です"} | changes


def said(*found: Any) -> str:
    return json.dumps({"findings": list(found)})


def test_a_good_answer_is_read() -> None:
    (found,) = findings(said(one()), {"エ"})
    assert (found.criterion, found.confidence, found.reason) == ("エ", 0.8, "名指しの侮辱です")
    assert findings(said(), {"エ"}) == ()
    assert findings(said(one(confidence=1)), {"エ"})[0].confidence == 1.0


@pytest.mark.parametrize(
    "content",
    [
        "",
        "はい、エに当たります。",
        "```json\n" + said(one()) + "\n```",
        "[]",
        "null",
        "{}",
        '{"findings": {}}',
        '{"findings": [], "action": "delete"}',
        said("エ"),
        said(one(criterion="ア")),
        said(one(criterion="見守り")),
        said(one(criterion=["エ"])),
        said(one(criterion=None)),
        said(one(confidence="0.9")),
        said(one(confidence=True)),
        said(one(confidence=1.5)),
        said(one(confidence=-0.1)),
        '{"findings": [{"criterion": "エ", "confidence": NaN, "reason": ""}]}',
        '{"findings": [{"criterion": "エ", "confidence": 1e999, "reason": ""}]}',
        said(one(reason=5)),
        said(one(extra=1)),
        said({"criterion": "エ", "confidence": 1}),
        said(one(), one()),
        "[" * 100_000,
        '{"findings": ' + "[" * 5_000 + "}",
        said(one(reason="あ" * 30_000)),
    ],
)
def test_anything_else_is_no_answer(content: str) -> None:
    with pytest.raises(BadAnswer):
        findings(content, {"エ", "キ"})


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["findings", "criterion", "confidence", "reason", "x"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_at_all_gets_through_but_the_right_one(data: Any) -> None:
    try:
        found = findings(json.dumps(data), set(Criterion.values))
    except BadAnswer:
        return
    assert set(data) == {"findings"}
    assert all(f.criterion in Criterion.values and 0 <= f.confidence <= 1 for f in found)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"choices": []},
        {"choices": ["x"]},
        {"choices": [{}]},
        {"choices": [{"message": {"content": None}}]},
        {"choices": [{"message": {"content": said()}, "finish_reason": "length"}]},
    ],
)
def test_a_body_without_one_whole_message_is_no_answer(body: Any) -> None:
    with pytest.raises(BadAnswer):
        read_completion(body, {"エ"})


def test_a_reason_is_cleaned_and_cut() -> None:
    (found,) = findings(said(one(reason="\u202eあ\x00\nい\ud800" + "う" * 500)), {"エ"})
    assert found.reason == "あ い" + "う" * 197


@pytest.mark.parametrize(
    ("told", "tokens"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 3}, (10, 3)),
        ({"prompt_tokens": -1, "completion_tokens": "3"}, (None, None)),
        ({"prompt_tokens": True}, (None, None)),
        ("x", (None, None)),
    ],
)
def test_tokens_are_believed_where_they_can_be_true(told: Any, tokens: tuple[Any, Any]) -> None:
    found = usage({"usage": told})
    assert (found.prompt, found.completion) == tokens

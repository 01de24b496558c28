"""Reading the labelled format, and history by time."""

import json
from typing import Any

import pytest

from policy.carried import carried_ruleset
from policy.criteria import Criterion
from policy.records import BadRecord, judge_records, read_record, verdict_as_json

GOOD: dict[str, Any] = {
    "id": "1",
    "platform": "x",
    "post": {"id": "p", "text": "投稿"},
    "author": {"id": "a", "name": "名", "handle": "h"},
    "text": "ありがとう",
    "created_at": "2026-04-01T10:00:00+09:00",
    "labels": [],
    "signals": [],
}


def line(**changes: Any) -> str:
    return json.dumps({**GOOD, **changes})


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "not a JSON object"),
        (line(id=7), "id is missing or not a text"),
        (line(post="x"), "post is missing or not an object"),
        (line(author={"id": "a", "handle": "h"}), "author.name is missing"),
        (line(created_at="yesterday"), "not a time"),
        (line(created_at="2026-04-01T10:00:00"), "no offset"),
        (line(labels=["ア", "ン"]), "unknown values: ン"),
        (line(signals="distress"), "not a list"),
    ],
)
def test_bad_line_says_what_is_wrong(bad: str, message: str) -> None:
    with pytest.raises(BadRecord, match=message):
        read_record(bad)


def test_labels_may_be_absent() -> None:
    data = {key: value for key, value in GOOD.items() if key not in {"labels", "signals"}}
    record = read_record(json.dumps(data))
    assert (record.labels, record.signals) == (None, None)


def test_history_counts_by_time_and_output_keeps_the_order() -> None:
    text = "オンライン配信の場所がわかりにくいので直してください"
    later = read_record(line(id="later", text=text + "！", created_at="2026-04-02T10:00:00+09:00"))
    first = read_record(line(id="first", text=text))
    other = read_record(
        line(id="other", text=text, author={"id": "b", "name": "他", "handle": "o"})
    )
    pairs = list(judge_records([later, first, other], carried_ruleset()))
    assert [record.id for record, _ in pairs] == ["later", "first", "other"]
    repeated = [record.id for record, verdict in pairs if Criterion.REPETITION in verdict.labels]
    assert repeated == ["later"]


def test_verdict_as_json_has_every_score_and_names_the_field() -> None:
    author = {"id": "a", "name": "日本緩和医療學会 事務局", "handle": "h"}
    record = read_record(line(author=author, text="会員番号をDMでお知らせください"))
    [(_, verdict)] = judge_records([record], carried_ruleset())
    answer = verdict_as_json(record, verdict)
    assert len(answer["scores"]) == 19
    assert answer["labels"][0] == "サ"
    assert answer["route"] == "queue"
    assert {"criterion", "start", "end", "why", "field"} in [set(e) for e in answer["evidence"]]

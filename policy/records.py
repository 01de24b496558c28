"""Comments in the labelled format (see `policy.data`), judged one after the other.

For the command line: the context of a record is its post, its author, and the earlier records of
the same author among those given.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policy.classifiers.model import Model
from policy.criteria import Criterion, Signal
from policy.engine import Author, Context, evaluate_many
from policy.ruleset import CompiledRuleSet
from policy.verdict import Verdict


class BadRecord(ValueError):
    """The line is no comment in the labelled format; the message says why."""


@dataclass(frozen=True, slots=True)
class Record:
    """One comment; `labels` and `signals` are None where the line does not state them.

    `history`, its author's earlier texts, is None where it follows from the other records.
    """

    id: str
    post_text: str
    author: Author
    text: str
    created_at: datetime
    labels: frozenset[str] | None
    signals: frozenset[str] | None
    history: tuple[str, ...] | None = None


def read_record(line: str) -> Record:
    """Read one line.

    Raises:
        BadRecord: with what is missing or wrong.
    """
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRecord("not a JSON object") from error
    if not isinstance(data, dict):
        raise BadRecord("not a JSON object")
    post, author = _object(data, "post"), _object(data, "author")
    return Record(
        id=_text(data, "id"),
        post_text=_text(post, "text", "post.text"),
        author=Author(
            key=_text(author, "id", "author.id"),
            name=_text(author, "name", "author.name"),
            handle=_text(author, "handle", "author.handle"),
        ),
        text=_text(data, "text"),
        created_at=_time(data),
        labels=_words(data, "labels", Criterion.values),
        signals=_words(data, "signals", Signal.values),
    )


def judge_records(
    records: Iterable[Record], ruleset: CompiledRuleSet, model: Model | None = None
) -> Iterator[tuple[Record, Verdict]]:
    """Judge all of them; pairs come in the order given, history counts by `created_at`."""
    given = list(records)
    cases = [
        (record.text, context) for record, context in zip(given, in_context(given), strict=True)
    ]
    return zip(given, evaluate_many(cases, ruleset, model=model), strict=True)


def in_context(records: Sequence[Record]) -> list[Context]:
    """The context that each had when it came: its post, and what its author wrote before."""
    order = sorted(range(len(records)), key=lambda index: (records[index].created_at, index))
    earlier: dict[str, list[str]] = defaultdict(list)
    contexts: dict[int, Context] = {}
    for index in order:
        record = records[index]
        before = earlier[record.author.key]
        history = tuple(before) if record.history is None else record.history
        contexts[index] = Context(record.post_text, record.author, history)
        before.append(record.text)
    return [contexts[index] for index in range(len(records))]


def verdict_as_json(record: Record, verdict: Verdict) -> dict[str, Any]:
    """What `classify` writes for one comment."""
    answer: dict[str, Any] = {
        "id": record.id,
        "labels": [label.value for label in verdict.labels],
        "scores": dict(verdict.scores),
        "signals": [signal.value for signal in verdict.signals],
        "route": verdict.route.value,
        "model": verdict.model_version,
        "evidence": [
            {
                "criterion": str(piece.criterion),
                "start": piece.start,
                "end": piece.end,
                "why": piece.why,
            }
            | ({} if piece.field == "text" else {"field": piece.field})
            for piece in verdict.evidence
        ],
    }
    return answer | ({"problems": list(verdict.problems)} if verdict.problems else {})


def _object(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    if not isinstance(value, dict):
        raise BadRecord(f"{key} is missing or not an object")
    return value


def _text(data: Mapping[str, Any], key: str, shown: str = "") -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise BadRecord(f"{shown or key} is missing or not a text")
    return value


def _time(data: Mapping[str, Any]) -> datetime:
    try:
        time = datetime.fromisoformat(_text(data, "created_at"))
    except ValueError as error:
        raise BadRecord("created_at is not a time in ISO 8601") from error
    if time.tzinfo is None:
        raise BadRecord("created_at has no offset")
    return time


def _words(data: Mapping[str, Any], key: str, known: Iterable[str]) -> frozenset[str] | None:
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise BadRecord(f"{key} is not a list of texts")
    unknown = sorted(set(value) - set(known))
    if unknown:
        raise BadRecord(f"{key} has unknown values: {', '.join(unknown)}")
    return frozenset(value)

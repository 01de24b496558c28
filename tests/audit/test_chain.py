"""What is hashed, and how."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, strategies as st

from jspm_social.audit.chain import (
    GENESIS,
    Hashed,
    canonical,
    event_hash,
    personal_digest,
    storable,
    storable_text,
)

EVENT: Hashed = {
    "id": 7,
    "at": datetime(2026, 4, 1, 1, 20, 0, 5, tzinfo=UTC),
    "actor_id": 3,
    "actor_name": "佐藤 花子",
    "verb": "case.decided",
    "target_type": "moderation.case",
    "target_id": "12",
    "channel": 1,
    "clause": "4(2)エ",
    "policy_version": "1",
    "details": {"outcome": "hide"},
    "personal_digest": "",
    "previous_hash": GENESIS,
}
OTHER: dict[str, Any] = {
    "id": 8,
    "at": EVENT["at"] + timedelta(microseconds=1),
    "actor_id": None,
    "actor_name": "佐藤 花江",
    "verb": "case.opened",
    "target_type": "posts.post",
    "target_id": "13",
    "channel": None,
    "clause": "4(2)ア",
    "policy_version": "2",
    "details": {"outcome": "keep"},
    "personal_digest": "a",
    "previous_hash": "1" * 64,
}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def test_event_hash_of_a_known_event() -> None:
    # A fixed value: if it ever changes, every chain written before would no longer verify.
    assert event_hash(EVENT) == "bb0a87ea6fcbf1e1c71cc81cc422e83adb8c8e578c7a47edef28db9cfea4c2be"


@pytest.mark.parametrize("column", list(EVENT))
def test_event_hash_changes_with_every_column(column: str) -> None:
    changed: Any = {**EVENT, column: OTHER[column]}
    assert event_hash(changed) != event_hash(EVENT)


def test_event_hash_does_not_depend_on_the_time_zone_of_the_reader() -> None:
    tokyo: Any = {**EVENT, "at": EVENT["at"].astimezone(timezone(timedelta(hours=9)))}
    assert event_hash(tokyo) == event_hash(EVENT)


def test_canonical_spells_equal_values_the_same_way() -> None:
    assert canonical({"b": 1, "a": "緩和"}) == canonical({"a": "緩和", "b": 1})
    assert canonical({"b": [True, None], "a": "緩"}) == '{"a":"緩","b":[true,null]}'.encode()


@given(values)
def test_storable_values_survive_json_exactly(value: Any) -> None:
    plain = storable(value)
    assert json.loads(canonical(plain)) == plain
    assert storable(plain) == plain


@given(st.text())
def test_storable_text_changes_only_what_cannot_be_stored(text: str) -> None:
    expected = "".join("\ufffd" if c == "\x00" or "\ud800" <= c <= "\udfff" else c for c in text)
    assert storable_text(text) == expected


def test_storable_replaces_nul_and_lone_surrogates_in_keys_and_values() -> None:
    assert storable({"a\x00": ["\ud800b", ("c",)]}) == {"a\ufffd": ["\ufffdb", ["c"]]}


@pytest.mark.parametrize("value", [1.5, b"x", datetime(2026, 4, 1, tzinfo=UTC), {1: "a"}, object()])
def test_storable_refuses_what_jsonb_would_change(value: Any) -> None:
    with pytest.raises(TypeError):
        storable({"details": value})


def test_personal_digest_needs_the_salt() -> None:
    note = {"note": "誹謗中傷のため"}
    assert personal_digest("salt", note) == personal_digest("salt", dict(note))
    assert personal_digest("salt", note) != personal_digest("other", note)
    assert personal_digest("salt", note) != personal_digest("salt", {"note": "別"})

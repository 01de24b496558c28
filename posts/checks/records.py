"""Drafts and findings as JSON, for the command line. Unknown fields are ignored."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

from .draft import Draft, Event, Finding, MediaFile, Source

TOKYO = dt.timezone(dt.timedelta(hours=9), "Asia/Tokyo")


class BadDraft(ValueError):
    """The line is no draft; the message names the field and says why."""


def read_draft(line: str) -> tuple[str | int | None, Draft]:
    """Read one line: its id, as given, and the draft. A moment without a zone is Japan's.

    Every field may be null or missing. Without an id the answer has none either; without a text
    there must be media, for a line that says nothing at all must not look fine.

    Raises:
        BadDraft: with what is missing or wrong.
    """
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadDraft("not a JSON object") from error
    if not isinstance(data, dict):
        raise BadDraft("not a JSON object")
    name = data.get("id")
    if isinstance(name, bool) or not isinstance(name, str | int | None):
        raise BadDraft("id is not a text or a whole number")
    return name, draft_of(data)


def draft_of(data: Mapping[str, Any]) -> Draft:
    """The draft in a mapping of the same shape.

    Raises:
        BadDraft: with what is missing or wrong.
    """
    if data.get("text") is None and not data.get("media"):
        raise BadDraft("text is missing")
    event = data.get("event")
    return Draft(
        text=_text(data, "text"),
        channel=_text(data, "channel"),
        scheduled_at=_moment(data, "scheduled_at"),
        event=None if event is None else _event(_object(event, "event")),
        sources=tuple(_source(row) for row in _rows(data, "sources")),
        media=tuple(_media(row) for row in _rows(data, "media")),
        recent=_recent(data),
        sponsor=_text(data, "sponsor"),
        embargo_until=_moment(data, "embargo_until"),
    )


def as_json(name: str | int | None, findings: Iterable[Finding]) -> dict[str, Any]:
    """The answer to one draft."""
    return {
        "id": name,
        "findings": [
            {
                "check": finding.check,
                "severity": finding.severity.value,
                "start": finding.start,
                "end": finding.end,
                "reason": finding.reason,
                "suggestion": finding.suggestion,
            }
            for finding in findings
        ],
    }


def _event(data: Mapping[str, Any]) -> Event:
    return Event(
        name=_text(data, "name", "event.name"),
        date=_date(data, "date", "event.date"),
        start=_time(data, "start", "event.start"),
        end=_time(data, "end", "event.end"),
        venue=_text(data, "venue", "event.venue"),
        deadline=_date(data, "deadline", "event.deadline"),
        url=_text(data, "url", "event.url"),
    )


def _source(data: Mapping[str, Any]) -> Source:
    return Source(
        url=_text(data, "url", "sources.url"),
        doi=_text(data, "doi", "sources.doi"),
        title=_text(data, "title", "sources.title"),
        read_on=_date(data, "read_on", "sources.read_on"),
    )


def _media(data: Mapping[str, Any]) -> MediaFile:
    return MediaFile(
        kind=_text(data, "kind", "media.kind").lower() or "image",
        alt=_text(data, "alt", "media.alt"),
        holder=_text(data, "holder", "media.holder"),
        credit=_text(data, "credit", "media.credit"),
        consent=_truth(data, "consent", "media.consent"),
        no_reprint=bool(_truth(data, "no_reprint", "media.no_reprint")),
        expires=_date(data, "expires", "media.expires"),
    )


def _recent(data: Mapping[str, Any]) -> tuple[str, ...]:
    rows = data.get("recent") or []
    if not isinstance(rows, list) or not all(isinstance(row, str | None) for row in rows):
        raise BadDraft("recent is not a list of texts")
    return tuple(row for row in rows if row)


def _object(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadDraft(f"{name} is not an object")
    return value


def _rows(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = data.get(key) or []
    if not isinstance(rows, list):
        raise BadDraft(f"{key} is not a list")
    return [_object(row, key) for row in rows if row is not None]


def _text(data: Mapping[str, Any], key: str, name: str = "") -> str:
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadDraft(f"{name or key} is not a text")
    return value


def _truth(data: Mapping[str, Any], key: str, name: str) -> bool | None:
    value = data.get(key)
    if value is not None and not isinstance(value, bool):
        raise BadDraft(f"{name} is not true, false or null")
    return value


def _date(data: Mapping[str, Any], key: str, name: str) -> dt.date | None:
    value = _text(data, key, name).strip()
    if not value:
        return None
    try:
        return dt.date.fromisoformat(value[:10])
    except ValueError:
        raise BadDraft(f"{name} is not a date (YYYY-MM-DD)") from None


def _time(data: Mapping[str, Any], key: str, name: str) -> dt.time | None:
    value = _text(data, key, name).strip()
    if not value:
        return None
    hour, _, rest = value.partition(":")
    try:
        return dt.time(int(hour), int(rest[:2] or "0"))
    except ValueError:
        raise BadDraft(f"{name} is not a time (HH:MM)") from None


def _moment(data: Mapping[str, Any], key: str) -> dt.datetime | None:
    value = _text(data, key).strip()
    if not value:
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
        return moment.replace(tzinfo=TOKYO) if moment.tzinfo is None else moment.astimezone(TOKYO)
    except (ValueError, OverflowError):
        raise BadDraft(f"{key} is not a moment (ISO 8601)") from None

"""Comments from files, in the labelled format: JSON Lines, or CSV with a heading line.

Labels and signals in a file are ignored: what is imported is judged like everything else.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from jspm_social.platforms.connect import imported_channel
from jspm_social.platforms.contract import RemoteAuthor, RemoteComment, RemotePostRef
from jspm_social.platforms.names import Platform
from jspm_social.platforms.storing import storable
from moderation.services.intake import store_page

BATCH = 200
CSV_COLUMNS = (
    "id",
    "platform",
    "post_id",
    "post_text",
    "author_id",
    "author_name",
    "author_handle",
    "text",
    "created_at",
)
LONGEST_ID = 255


class BadRecord(ValueError):
    """One record cannot be read; the message says which and why."""


def read(path: Path) -> Iterator[tuple[Platform, RemoteComment]]:
    """Yield the comments of a .jsonl or .csv file.

    Raises:
        BadRecord: naming the line, at the first record that cannot be read.
    """
    records = _csv(path) if path.suffix.lower() == ".csv" else _jsonl(path)
    for number, record in records:
        try:
            yield to_comment(record)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadRecord(f"{path}:{number}: {type(error).__name__}: {error}") from error


def store(found: Iterable[tuple[Platform, RemoteComment]]) -> dict[Platform, int]:
    """Store imported comments under one channel per platform; returns how many were new or
    edited. Judging them is the next step, as for everything that comes in.
    """
    by_platform: dict[Platform, list[RemoteComment]] = defaultdict(list)
    for platform, comment in found:
        by_platform[platform].append(comment)
    new = dict.fromkeys(by_platform, 0)
    for platform, comments in by_platform.items():
        channel = imported_channel(platform)
        for start in range(0, len(comments), BATCH):
            stored = store_page(channel=channel, comments=comments[start : start + BATCH])
            new[platform] += len(stored.to_judge)
    return new


def to_comment(record: Mapping[str, Any]) -> tuple[Platform, RemoteComment]:
    """Turn one labelled record into what an adapter would have delivered."""
    created_at = datetime.fromisoformat(record["created_at"])
    if timezone.is_naive(created_at):
        raise ValueError("created_at has no offset")
    post, author = record["post"], record["author"]
    comment = RemoteComment(
        remote_id=_id(record),
        post=RemotePostRef(_id(post), _text(post, "text")),
        author=RemoteAuthor(_id(author), _text(author, "name"), _text(author, "handle")),
        text=_text(record, "text"),
        created_at=created_at,
        raw=json.dumps(record, ensure_ascii=True).encode(),
        parent_id=str(record.get("parent") or ""),
    )
    return Platform(record["platform"]), comment


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is not a text")
    return value


def _id(record: Mapping[str, Any]) -> str:
    value = str(record["id"])
    if not value or len(value) > LONGEST_ID or storable(value) != value:
        raise ValueError(f"id must have 1 to {LONGEST_ID} ordinary characters")
    return value


def _jsonl(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    yield number, json.loads(line)
                except ValueError as error:
                    raise BadRecord(f"{path}:{number}: {error}") from error


def _csv(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        missing = set(CSV_COLUMNS) - set(rows.fieldnames or ())
        if missing:
            raise BadRecord(f"{path}:1: columns are missing: {', '.join(sorted(missing))}")
        for row in rows:
            yield rows.line_num, _nested(row)


def _nested(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "platform": row["platform"],
        "post": {"id": row["post_id"], "text": row["post_text"]},
        "author": {
            "id": row["author_id"],
            "name": row["author_name"],
            "handle": row["author_handle"],
        },
        "text": row["text"],
        "created_at": row["created_at"],
    }

"""What a webhook told, as values: what is taken out of a body, and what that means.

A body is sifted before anything is stored: only what the console takes passes. Direct messages,
what other accounts are told and whatever could be used to answer never reach the database.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from jspm_social.platforms.contract import RemoteComment

Item: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """Whose webhook it is: the account's id on the platform, and the name it goes by there."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is taken of one body. `key` is the same when the same is sent again; `at` is the
    time that the platform signed for its newest part, None where it signs none.
    """

    items: tuple[Item, ...]
    key: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What the items mean.

    `comments` are new ones, whole: what a pull would store of them is here, or is filled in by
    the next pull. `gone` were deleted on the platform, `unsent` taken back by who wrote them.
    `read_channel`: something changed that only reading the platform can tell.
    """

    comments: tuple[RemoteComment, ...] = ()
    gone: tuple[str, ...] = ()
    unsent: tuple[str, ...] = ()
    read_channel: bool = False


Sift: TypeAlias = Callable[[Mapping[str, Any], bytes, Account], Sifted]
Read: TypeAlias = Callable[[Sequence[Item]], News]


def key_of(*parts: str | bytes) -> str:
    """Return one key of fixed length for parts of any."""
    digest = hashlib.sha256()
    for part in parts:
        whole = part.encode("utf-8", "replace") if isinstance(part, str) else part
        digest.update(len(whole).to_bytes(8, "big") + whole)
    return digest.hexdigest()


def dump(items: Sequence[Item]) -> bytes:
    """Write items as they are stored; lone surrogates survive as escapes."""
    return json.dumps(list(items), ensure_ascii=True, separators=(",", ":")).encode("ascii")


def load(stored: bytes) -> list[Item]:
    items: list[Item] = json.loads(stored or b"[]")
    return items

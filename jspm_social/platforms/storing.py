"""Text from outside, made safe to store."""

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str, limit: int | None = None) -> str:
    """Replace what PostgreSQL and UTF-8 cannot hold (NUL, lone surrogates) by U+FFFD."""
    cleaned = _UNSTORABLE.sub("\ufffd", text)
    return cleaned if limit is None else cleaned[:limit]

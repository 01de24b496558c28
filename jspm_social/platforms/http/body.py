"""Reading an answer's body within bounds of size and time; shared by both doors."""

import time

import requests


class TooMuch(Exception):
    """The body is larger, or takes longer, than we are willing to take in."""


def read_bounded(response: requests.Response, *, max_bytes: int, max_seconds: float) -> bytes:
    """Read the (decompressed) body as a stream. Raises TooMuch, or a requests exception."""
    deadline = time.monotonic() + max_seconds
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_content(64 * 1024):
        chunks.append(chunk)
        size += len(chunk)
        if size > max_bytes:
            raise TooMuch(f"more than {max_bytes} bytes")
        if time.monotonic() > deadline:
            raise TooMuch(f"longer than {max_seconds:g} seconds")
    return b"".join(chunks)

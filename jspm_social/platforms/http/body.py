"""Reading an answer's body within bounds of size and time; shared by both doors."""

import time

import requests
from urllib3.exceptions import HTTPError

CHUNK = 64 * 1024


class TooMuch(Exception):
    """The body is larger, or takes longer, than we are willing to take in."""


def read_bounded(response: requests.Response, *, max_bytes: int, max_seconds: float) -> bytes:
    """Read the (decompressed) body. Raises TooMuch, or ChunkedEncodingError when it breaks off.

    Each step takes what has arrived (read1), so that a body which drips is noticed: waiting for
    a full chunk would let every single byte have the whole read timeout.
    """
    deadline = time.monotonic() + max_seconds
    parts: list[bytes] = []
    size = 0
    try:
        while part := response.raw.read1(CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > max_bytes:
                raise TooMuch(f"more than {max_bytes} bytes")
            if time.monotonic() > deadline:
                raise TooMuch(f"longer than {max_seconds:g} seconds")
    except HTTPError as error:
        broken = f"the body broke off: {type(error).__name__}"
        raise requests.exceptions.ChunkedEncodingError(broken) from None
    return b"".join(parts)

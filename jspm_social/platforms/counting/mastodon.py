"""Mastodon's length: grapheme clusters, an address as many as the server says (23), a mention of
somebody elsewhere without the host. Pure.

Source: github.com/mastodon/mastodon, app/validators/status_length_validator.rb.
"""

from collections.abc import Iterator
from functools import partial

import regex

from .graphemes import between, clusters, whole
from .measure import Atoms
from .urls import mastodon_urls

_MENTION = regex.compile(
    r"(?<![=/\w])@(?P<user>[a-z0-9_]++(?:[.-]++[a-z0-9_]++)*+)@\w++(?:[.-]++\w++)*+",
    regex.IGNORECASE,
)


def atoms(address_length: int) -> Atoms:
    """Return the atoms where an address counts as `address_length`."""
    return partial(_atoms, address_length)


def _atoms(address_length: int, text: str) -> Iterator[tuple[int, int]]:
    short = dict.fromkeys(mastodon_urls(text), address_length)
    taken = list(short)
    for match in _MENTION.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            short[match.span()] = 1 + len(match["user"])
    for piece, held in whole(text, sorted(short)):
        plain = (text[start:end] for start, end in between(piece, held))
        count = sum(1 for words in plain for _ in clusters(words))
        yield piece[1], count + sum(short[span] for span in held)


def without_hosts(text: str) -> str:
    """Return the text with mentions as Mastodon shows them: @user instead of @user@host."""
    return _MENTION.sub(lambda match: f"@{match['user']}", text)

"""What in a text is a link, a hashtag or a mention: Bluesky finds none of them by itself. Pure.

Offsets count bytes of UTF-8. Links are found as on X, so that Japanese may stand right before and
after them. Source of the rules for tags and mentions: github.com/bluesky-social/atproto,
packages/api/src/rich-text/detection.ts; written anew.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import regex

from jspm_social.platforms.counting.urls import x_urls

FACET: Final = "app.bsky.richtext.facet"
LONGEST_TAG: Final = 64

_HIDDEN = r"\u00ad\u2060\u200a-\u200c\u20e2"  # but not what joins emoji to a family
_TAG = regex.compile(
    rf"(?<!\S)[#＃](?!\uFE0F)(?P<tag>[^\s{_HIDDEN}]*[^\d\s\p{{P}}{_HIDDEN}][^\s{_HIDDEN}]*)"
)
_TRAILING = regex.compile(r"\p{P}+$")
_MENTION = regex.compile(
    r"(?<![0-9A-Za-z_.@/-])@(?P<handle>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*)",
    regex.IGNORECASE,
)


class Found(NamedTuple):
    start: int
    end: int
    kind: str  # link, tag, mention
    value: str


def find_facets(text: str) -> list[Found]:
    """Return what was found, in order; nothing overlaps, and a link goes before the others."""
    found: list[Found] = []
    for candidate in (*_links(text), *_mentions(text), *_tags(text)):
        apart = all(candidate.end <= f.start or f.end <= candidate.start for f in found)
        if apart:
            found.append(candidate)
    return sorted(found)


def facets_of(text: str, did_of: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return the facets of a record. `did_of` names whom a handle belongs to, '' for nobody."""
    made = []
    for found in find_facets(text):
        value = did_of(found.value) if found.kind == "mention" else found.value
        if value:
            index = {"byteStart": _bytes(text, found.start), "byteEnd": _bytes(text, found.end)}
            field = {"link": "uri", "tag": "tag", "mention": "did"}[found.kind]
            feature = {"$type": f"{FACET}#{found.kind}", field: value}
            made.append({"$type": FACET, "index": index, "features": [feature]})
    return made


def _bytes(text: str, place: int) -> int:
    return len(text[:place].encode("utf-8", "surrogatepass"))


def _links(text: str) -> Iterator[Found]:
    for start, end in x_urls(text):
        address = text[start:end]
        has_scheme = address.lower().startswith(("https://", "http://"))
        yield Found(start, end, "link", address if has_scheme else f"https://{address}")


def _mentions(text: str) -> Iterator[Found]:
    for match in _MENTION.finditer(text):
        yield Found(match.start(), match.end(), "mention", match["handle"].lower())


def _tags(text: str) -> Iterator[Found]:
    for match in _TAG.finditer(text):
        tag = _TRAILING.sub("", match["tag"])
        if tag and len(regex.findall(r"\X", tag)) <= LONGEST_TAG:
            start = match.start()
            yield Found(start, match.start("tag") + len(tag), "tag", tag)

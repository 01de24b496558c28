"""Opens the links of a draft, through the guarded door, and tells what was found.

It judges nothing: `posts.checks.examine_links` does. It reads the network, so it is called
outside transactions and never while somebody types.
"""

import html
import re
from collections.abc import Iterable, Iterator

from jspm_social.platforms.errors import Transient
from jspm_social.platforms.http.content import Content, ContentRefused, fetch_content
from posts.checks import LinkFact

MOST_LINKS = 20
MAX_BYTES = 5_000_000
MAX_SECONDS = 20.0

_TITLE = re.compile(rb"<title[^>]*>(.{0,2000}?)</title", re.IGNORECASE | re.DOTALL)
_CHARSET = re.compile(rb"charset=[\"']?([A-Za-z0-9_-]{3,20})", re.IGNORECASE)
_HEAD = 100_000  # bytes in which a page's title is looked for


def open_links(urls: Iterable[str]) -> Iterator[LinkFact]:
    """One fact for each different address, in order, at most MOST_LINKS.

    An address that cannot be reached, is not public or answers too much has status 0.
    """
    for url in list(dict.fromkeys(urls))[:MOST_LINKS]:
        try:
            content = fetch_content(url, max_bytes=MAX_BYTES, max_seconds=MAX_SECONDS)
        except (ContentRefused, Transient):
            yield LinkFact(url, 0, url)
        else:
            yield LinkFact(url, content.status, content.url, _title(content))


def _title(content: Content) -> str:
    head = content.body[:_HEAD]
    match = _TITLE.search(head)
    if match is None:
        return ""
    declared = _CHARSET.search(content.headers.get("Content-Type", "").encode("latin-1", "replace"))
    found = declared or _CHARSET.search(head)
    name = found[1].decode("ascii") if found else "utf-8"
    try:
        title = match[1].decode(name, "replace")
    except LookupError:
        title = match[1].decode("utf-8", "replace")
    return " ".join(html.unescape(title).split())[:200]

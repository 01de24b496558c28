"""The HTML of a status → text, as people see it. Pure, and safe with anything.

Blocks become line breaks. A link whose words are not its address gets the address in brackets,
so that nothing hides behind them. Scripts and styles are kept as plain text: what some program
may show must be there to be judged. The result is text and has to be escaped like any other.

Read in one pass, in linear time: `html.parser` takes minutes for 150 KB of broken tags.
"""

import re
from collections.abc import Mapping
from html import unescape

PARAGRAPHS = frozenset({"p", "blockquote", "pre", "ul", "ol", "table", "h1", "h2", "h3", "h4"})
BLOCKS = PARAGRAPHS | {
    "div", "li", "tr", "hr", "h5", "h6", "dl", "dt", "dd", "section", "article", "header",
    "footer", "figure", "figcaption", "details", "summary", "center", "address",
}  # fmt: skip
NAMING = ("@", "#", "＃")  # mentions and tags: their address is nobody's message


TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9:-]*+)([^>]*+)>")
ATTRIBUTE = re.compile(
    r"""(?:^|(?<=[\s"'/]))(href|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE
)


def text_of(html: str) -> str:
    """Return the text of a fragment of HTML, without line breaks at either end."""
    reader = _Reader()
    first, *rest = _without_comments(html).split("<")
    reader.handle_data(unescape(first))
    for piece in rest:
        tag = TAG.match(piece)
        if tag:
            _take_tag(reader, tag)
            reader.handle_data(unescape(piece[tag.end() :]))
        else:
            reader.handle_data(unescape("<" + piece))
    reader.end_link()
    return "".join(reader.parts)


def _take_tag(reader: "_Reader", tag: re.Match[str]) -> None:
    closing, name, rest = tag.groups()
    if closing:
        reader.handle_endtag(name.lower())
        return
    found = ATTRIBUTE.finditer(rest)
    given = {m[1].lower(): unescape(m[2] or m[3] or m[4] or "") for m in found}
    reader.handle_starttag(name.lower(), given)


def _without_comments(html: str) -> str:
    parts, place = [], 0
    while (begin := html.find("<!--", place)) >= 0 and (end := html.find("-->", begin)) >= 0:
        parts.append(html[place:begin])
        place = end + 3
    return "".join([*parts, html[place:]])


class _Reader:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self._breaks = 0  # line breaks that stand before the next text
        self._href = ""
        self._link_begins = 0

    def handle_starttag(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "br":
            self._breaks += 1
        elif tag == "a":
            self.end_link()
            self._href, self._link_begins = given.get("href", ""), len(self.parts)
        elif tag == "img":  # an emoji of the server's own
            self.handle_data(given.get("alt", ""))
        self._block(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.end_link()
        self._block(tag)

    def handle_data(self, data: str) -> None:
        if not data or ((self._breaks or not self.parts) and data.isspace() and "\n" in data):
            return  # the source's own line breaks between blocks
        if self.parts:
            self.parts.append("\n" * self._breaks)
        self._breaks = 0
        self.parts.append(data)

    def end_link(self) -> None:
        """Add the address of the link that ends here, unless its words say it already."""
        href, self._href = self._href, ""
        if not href:
            return
        words = "".join(self.parts[self._link_begins :]).strip()
        told = words.startswith(NAMING) or _bare(words) == _bare(href)
        if not told:
            self.handle_data(f" ({href})" if words else href)

    def _block(self, tag: str) -> None:
        if tag in BLOCKS:
            self._breaks = max(self._breaks, 2 if tag in PARAGRAPHS else 1)


def _bare(address: str) -> str:
    for prefix in ("https://", "http://", "www."):
        address = address.removeprefix(prefix)
    return address.rstrip("/")

"""The HTML of a status → text, as people see it. Pure, and safe with anything.

Blocks become line breaks. A link whose words are not its address gets the address in brackets,
so that nothing hides behind them. Scripts and styles are kept as plain text: what some program
may show must be there to be judged. The result is text and has to be escaped like any other.
"""

from html.parser import HTMLParser
from typing import Any

PARAGRAPHS = frozenset({"p", "blockquote", "pre", "ul", "ol", "table", "h1", "h2", "h3", "h4"})
BLOCKS = PARAGRAPHS | {
    "div", "li", "tr", "hr", "h5", "h6", "dl", "dt", "dd", "section", "article", "header",
    "footer", "figure", "figcaption", "details", "summary", "center", "address",
}  # fmt: skip
NAMING = ("@", "#", "＃")  # mentions and tags: their address is nobody's message


def text_of(html: str) -> str:
    """Return the text of a fragment of HTML, without line breaks at either end."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_link()
    return "".join(reader.parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._breaks = 0  # line breaks that stand before the next text
        self._href = ""
        self._link_begins = 0

    def set_cdata_mode(self, elem: str, **_: Any) -> None:
        """Do not: a <script> that is never closed would swallow the rest."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
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
        words = "".join(self.parts[self._link_begins :]).strip()
        told = words.startswith(NAMING) or _bare(words) == _bare(href)
        if href and not told:
            self.handle_data(f" ({href})" if words else href)

    def _block(self, tag: str) -> None:
        if tag in BLOCKS:
            self._breaks = max(self._breaks, 2 if tag in PARAGRAPHS else 1)


def _bare(address: str) -> str:
    for prefix in ("https://", "http://", "www."):
        address = address.removeprefix(prefix)
    return address.rstrip("/")

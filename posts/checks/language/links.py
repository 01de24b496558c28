"""Finds the links, mail addresses, hashtags and mentions of a post as readers would see them."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

BLANK = "\ufffc"  # stands where a link was taken out

_URL = re.compile(r"https?://[A-Za-z0-9.\-_~:/?#\[\]@!$&'()*+,;=%]+", re.IGNORECASE)
_BARE = re.compile(
    r"(?<![A-Za-z0-9@._/-])(?:www\.)?(?:[a-z0-9-]+\.)+(?:jp|com|org|net|info|int|gov|edu|gle|ly|gl|io|tv|me|be|gd|do|cc|co)"
    r"(?![A-Za-z0-9.-]*@)(?:/[A-Za-z0-9.\-_~:/?#@!$&'*+,;=%]*)?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]*@+[A-Za-z0-9.,-]+")
_DOI = re.compile(r"\b10\.[0-9]{4,9}/[A-Za-z0-9.()/:;_-]+")
_TAG = re.compile(r"(?<![#＃])[#＃](?![#＃])[^\s#＃]*")
_MENTION = re.compile(
    r"(?<![A-Za-z0-9_.@＠/])[@＠](?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*(?:@[A-Za-z0-9.-]+)?)"
)
_TRAILING = ".,;:!?'*"


@dataclass(frozen=True, slots=True)
class Link:
    """A link in the text. `bare`: written without its scheme."""

    start: int
    end: int
    url: str
    bare: bool = False

    @property
    def address(self) -> str:
        """With its scheme; a bare one is opened by https."""
        return f"https://{self.url}" if self.bare else self.url

    @property
    def host(self) -> str:
        """Lower case, without port and www; "" when it cannot be read."""
        try:
            host = urlsplit(self.address).hostname or ""
        except ValueError:
            return ""
        return host.removeprefix("www.")

    @property
    def path(self) -> str:
        """Path and query."""
        try:
            parts = urlsplit(self.address)
        except ValueError:
            return ""
        return parts.path + (f"?{parts.query}" if parts.query else "")


@dataclass(frozen=True, slots=True)
class Piece:
    """A place in the text with what stands there."""

    start: int
    end: int
    text: str


def find_links(plain: str) -> list[Link]:
    """The links of narrowed text: with a scheme, then bare ones. Mail addresses are none."""
    links: list[Link] = []
    for match in _URL.finditer(plain):
        url = _trimmed(match[0])
        links.append(Link(match.start(), match.start() + len(url), url))
    rest = _blanked(plain, [(link.start, link.end) for link in links])
    rest = _blanked(rest, [match.span() for match in _DOI.finditer(rest)])
    for match in _BARE.finditer(rest):
        url = _trimmed(match[0])
        links.append(Link(match.start(), match.start() + len(url), url, bare=True))
    return sorted(links, key=lambda link: link.start)


def _trimmed(url: str) -> str:
    """Without the punctuation that belongs to the sentence around it."""
    while url:
        if url[-1] in _TRAILING or (url[-1] == ")" and url.count("(") < url.count(")")):
            url = url[:-1]
        else:
            break
    return url


def find_mail(plain: str) -> list[Piece]:
    """Mail addresses, also slightly wrong ones (a comma for a dot)."""
    return [
        Piece(match.start(), match.start() + len(mail), mail)
        for match in _MAIL.finditer(plain)
        if (mail := match[0].rstrip(".,-"))
    ]


def find_tags(text: str) -> list[Piece]:
    """Everything that begins with a hash sign, up to white space or the next hash sign."""
    return [Piece(m.start(), m.end(), m[0]) for m in _TAG.finditer(text)]


def find_mentions(plain: str) -> list[Piece]:
    """@names; the text is the name without its sign."""
    return [
        Piece(m.start(), m.start() + 1 + len(name), name)
        for m in _MENTION.finditer(plain)
        if (name := m["name"].rstrip(".-"))
    ]


def blank_links(plain: str) -> str:
    """The text with links, mail addresses and DOIs replaced sign by sign: offsets stay."""
    spans = [(link.start, link.end) for link in find_links(plain)]
    spans += [(piece.start, piece.end) for piece in find_mail(plain)]
    spans += [match.span() for match in _DOI.finditer(plain)]
    return _blanked(plain, spans)


def _blanked(plain: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        plain = plain[:start] + BLANK * (end - start) + plain[end:]
    return plain

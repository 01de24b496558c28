"""X's weighted length (twitter-text configuration v3). Pure.

The text is normalised (NFC). A code point weighs one in the ranges below, else two; an emoji
weighs two, whatever it is made of; an address weighs 23.
Source: github.com/twitter/twitter-text, config/v3.json and js/src/parseTweet.js.
"""

import unicodedata
from collections.abc import Iterator

from .graphemes import between, clusters, emoji_length, whole
from .urls import x_urls

LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
ADDRESS, EMOJI = 23, 2


def atoms(text: str) -> Iterator[tuple[int, int]]:
    """See measure.Atoms. An address is one atom, together with what cannot be parted from it."""
    for piece, addresses in whole(text, x_urls(text)):
        plain = (text[start:end] for start, end in between(piece, addresses))
        weight = sum(_weight(cluster) for words in plain for cluster in clusters(words))
        yield piece[1], weight + len(addresses) * ADDRESS


def _weight(cluster: str) -> int:
    normal = unicodedata.normalize("NFC", cluster)
    emoji = emoji_length(normal)
    rest = sum(1 if _is_light(ord(letter)) else 2 for letter in normal[emoji:])
    return rest + (EMOJI if emoji else 0)


def _is_light(code: int) -> bool:
    return any(first <= code <= last for first, last in LIGHT)

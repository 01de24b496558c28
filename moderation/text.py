"""Text from outside, made possible to search.

Japanese is searched by an array of character pairs with a GIN index: no extension is needed.
"""

import re
import unicodedata
from itertools import pairwise

_SPACE = re.compile(r"\s+")
MAX_BIGRAMS = 20_000  # a longer text is found by its beginning


def searchable(text: str) -> str:
    """Fold a text for search: compatibility forms, case and runs of blanks do not matter."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def bigrams(text: str) -> list[int]:
    """Return the distinct pairs of neighbouring characters as numbers, for the GIN index.

    Substring search in Japanese has no word boundaries to lean on: a text contains a query only
    if it contains all of the query's pairs, which the index answers; the match itself is then
    checked on the text.
    """
    folded = searchable(text)[: MAX_BIGRAMS + 1]
    return sorted({ord(a) << 21 | ord(b) for a, b in pairwise(folded)})

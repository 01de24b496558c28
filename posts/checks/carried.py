"""Reads the dictionaries and the registry that the project carries. Knows no database."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from posts.data import CHECKS_DIR

from .lexicon import BadLexicon, Lexicon, build


def carried_terms(folder: Path = CHECKS_DIR) -> Iterator[dict[str, Any]]:
    """The rows of J*.toml; the name of a file is the check of its rows.

    Raises:
        BadLexicon: a file is no TOML.
    """
    for path in sorted(folder.glob("J*.toml")):
        for row in _read(path).get("term", ()):
            yield {"check": path.stem, **row}


def carried_registry(folder: Path = CHECKS_DIR) -> dict[str, Any]:
    """Names, addresses and numbers as they are right."""
    return _read(folder / "registry.toml")


@cache
def carried_lexicon() -> Lexicon:
    """All of it, compiled; one per process."""
    return build(carried_terms(), carried_registry())


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadLexicon(f"{path.name}：{error}") from error

"""What is judged: a text, its context, and what every phase wants to know about them."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from policy.links import Link, find_links
from policy.normalise import Folded, fold


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote it, as the platform says: `key` is the platform's id."""

    key: str
    name: str
    handle: str


@dataclass(frozen=True, slots=True)
class Context:
    """Around the text: the society's post, the author, their earlier comments (oldest first)."""

    post_text: str
    author: Author
    history: tuple[str, ...] = ()


@lru_cache(maxsize=512)
def fold_post(text: str) -> str:
    """Posts come again with every comment under them."""
    return fold(text).text


class Subject:
    """One text under judgement. Everything derived is worked out at most once."""

    def __init__(self, text: str, context: Context) -> None:
        self.text = text
        self.context = context
        self.author = context.author
        self.matches: Any = None  # kept by the lexicon, which other phases ask
        self.situation: dict[str, float] | None = None  # kept by the model, which explains by it

    @cached_property
    def folded(self) -> Folded:
        """The text, folded."""
        return fold(self.text)

    @cached_property
    def folded_name(self) -> Folded:
        """The display name, folded; names longer than 200 characters are cut."""
        return fold(self.author.name[:200])

    @cached_property
    def folded_post(self) -> str:
        """The society's post, folded; its offsets are not needed."""
        return fold_post(self.context.post_text)

    @cached_property
    def links(self) -> list[Link]:
        """The links in the text, plain and disguised."""
        return find_links(self.text)

"""What the sandbox remembers: posts, comments, people, tokens and the effects it has seen."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

VISIBLE, HIDDEN, REMOVED, GONE = "visible", "hidden", "removed", "gone"
SPAM = "spam"  # YouTube's likelySpam: not public, never decided by anybody


@dataclass(slots=True)
class Person:
    id: str
    source_id: str
    name: str
    handle: str


@dataclass(slots=True)
class Post:
    """`sent` is what we published with it (see SandboxStore.publish), None for one of before."""

    id: str
    source_id: str
    text: str
    created_at: datetime
    sent: dict[str, Any] | None = None
    counts: dict[str, int] = field(default_factory=dict)  # likes, reposts, views; 0 if absent

    def count(self, name: str) -> int:
        return self.counts.get(name, 0)


@dataclass(slots=True)
class Comment:
    """`versions` are the ids of its texts, oldest first (X makes a new one with each edit)."""

    id: str
    source_id: str
    post_id: str
    parent_id: str
    author_id: str
    text: str
    created_at: datetime
    updated_at: datetime
    versions: list[str]
    state: str = VISIBLE
    replies: list[str] = field(default_factory=list)
    mentions: bool = True  # False: the author took our name out of the reply

    @property
    def there(self) -> bool:
        """True while the platform still answers for it."""
        return self.state not in {REMOVED, GONE}


@dataclass(slots=True)
class Tokens:
    access: str
    refresh: str
    serial: int = 0
    expired: bool = False
    revoked: bool = False


@dataclass(slots=True)
class World:
    """Everything of one platform."""

    posts: dict[str, Post] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    muted: set[str] = field(default_factory=set)
    aliases: dict[str, str] = field(default_factory=dict)  # source id or version id → comment id
    tokens: Tokens = field(default_factory=lambda: Tokens("", ""))
    token_ends_at: datetime | None = None  # of Meta's long-lived ones; None: never
    data_ends_at: datetime | None = None
    calls: dict[str, int] = field(default_factory=dict)  # effect calls seen, 'hide <id>' → count
    reads: int = 0  # requests answered
    usage: int = 1  # percent of Meta's budget that is used
    units: int = 0  # YouTube quota used on `units_day`
    units_day: str = ""
    slow: int = 0  # how often a medium is still being processed when it is asked for
    tells_numbers: bool = True  # Threads: whether the permission to read them was given
    friends: int = 120  # whom a LINE broadcast reaches, one message each
    allowance: int = 5000  # LINE messages a month
    records: dict[str, Any] = field(default_factory=dict)  # Bluesky: our own repository, by uri
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)  # files and sessions, by id
    withdrawn: list[str] = field(default_factory=list)  # posts of ours that we deleted

    def expired(self, now: datetime) -> bool:
        """Whether the access token has stopped working, or reached its end."""
        return self.tokens.expired or (self.token_ends_at is not None and now >= self.token_ends_at)

    def answers(self, post_id: str) -> int:
        """Return how many comments stand under a post, those under comments included."""
        return sum(1 for c in self.comments.values() if c.post_id == post_id and c.there)

    def find(self, comment_id: str) -> Comment | None:
        """Return a comment by its own id, the id of any of its versions, or its source id."""
        return self.comments.get(self.aliases.get(comment_id, comment_id))

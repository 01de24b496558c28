"""Looking before repeating, on platforms that can only list our own recent posts.

Before anything is sent it is noted which of our posts look like the one to come: none, unless the
same words went out a moment ago. What looks like it afterwards, and was not there before, is it.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TypeAlias

from jspm_social.platforms.errors import Pending, Unsupported
from jspm_social.platforms.publishing import Progress, Published

from .reading import instant

MARGIN = timedelta(minutes=10)  # between the platform's clock and ours
SETTLES = timedelta(minutes=1)  # until a request that was cut off has ended, and lists show it


class Likeness(Enum):
    NO = "no"
    YES = "yes"
    DOUBT = "doubt"  # the same words, and what stands beside them cannot be told apart


Alike: TypeAlias = Callable[[datetime], Iterable[tuple[Likeness, Published]]]
"""Lists our own posts since a time, and says of each whether it is the one that is looked for."""


def likeness(
    *, words: bool, media: tuple[Iterable[str], Iterable[str]], poll: bool, known_ids: bool
) -> Likeness:
    """Compare a post with a request: its words and poll, and the ids of its files with ours.

    `known_ids` says whether a file surely keeps its id from the upload to the post.
    """
    theirs, ours = (sorted(ids) for ids in media)
    if not words or not poll or len(theirs) != len(ours):
        return Likeness.NO
    if theirs == ours:
        return Likeness.YES
    return Likeness.NO if known_ids else Likeness.DOUBT


def note_before_sending(progress: Progress, alike: Alike) -> None:
    """Keep what `find` needs afterwards. To be called right before every sending."""
    now = datetime.now(UTC)
    if progress.read().get("looked"):
        progress.keep(sending=now.isoformat())
        return
    before = [post.remote_id for like, post in alike(now - MARGIN) if like is not Likeness.NO]
    progress.keep(looked=now.isoformat(), before=" ".join(before), sending=now.isoformat())


def find(progress: Progress, alike: Alike) -> Published | None:
    """Return the post that stands there since it was sent; None is proof that none does.

    Raises:
        Pending: it was sent a moment ago and may still appear.
        Unsupported: a post with the same words stands there, and only a person can tell.
    """
    kept = progress.read()
    looked = instant(kept.get("looked"))
    if looked is None:
        return None  # nothing was ever sent
    before = kept.get("before", "").split()
    found = [(like, p) for like, p in alike(looked - MARGIN) if p.remote_id not in before]
    for like, post in found:
        if like is Likeness.YES:
            return post
    if any(like is Likeness.DOUBT for like, _ in found):
        raise Unsupported("同じ文面の投稿がありますが、この投稿かどうかを判別できません")
    settled = (instant(kept.get("sending")) or looked) + SETTLES
    if datetime.now(UTC) < settled:
        raise Pending("the platform may still show it", until=settled)
    return None

"""Steps of a posting that are done already and stay good for a while only (uploaded files)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from jspm_social.platforms.publishing import Progress

from .reading import instant

BEGUN = "media_begun"


def begin(progress: Progress, names: Iterable[str], *, lasts: timedelta) -> None:
    """Forget the steps in `names` when they were begun too long ago; else leave them as they are.

    A platform drops a file that no post has named for some time.
    """
    begun = instant(progress.read().get(BEGUN))
    now = datetime.now(UTC)
    if begun is None or now - begun > lasts:
        progress.keep(**{BEGUN: now.isoformat(), **dict.fromkeys(names, "")})

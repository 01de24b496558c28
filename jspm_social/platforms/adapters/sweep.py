"""Once a day a channel is read from the beginning, where reading costs next to nothing.

What a pull cannot see by looking at the newest comments only, e.g. a reply under a thread of
last year or an edit of an old comment, is found by then.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from jspm_social.platforms.adapters.reading import instant

EVERY = timedelta(days=1)


def begun(cursor: Mapping[str, Any]) -> tuple[bool, str]:
    """Tell whether to forget the places now, and the time to keep in the cursor as `swept`."""
    now = datetime.now(UTC)
    last = instant(cursor.get("swept"))
    if last is not None and now - last < EVERY:
        return False, last.isoformat()
    return True, now.isoformat()

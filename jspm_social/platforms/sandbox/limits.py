"""How often each platform lets us post, refused where the store enforces limits.

X counts every list by itself (x.bucket); of the others only what publishing meets. Numbers are
the platforms' documented ones; a window begins at a full multiple of its length.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from . import x
from .wire import Request

X_WINDOW = 900  # seconds


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` requests that match ('METHOD /path' with *) in each `seconds`."""

    match: str
    most: int
    seconds: int


DOCUMENTED: Mapping[str, Sequence[Limit]] = {
    "instagram": (Limit("POST *media_publish", 100, 86_400),),
    "threads": (Limit("POST *threads_publish", 250, 86_400),),
    "bluesky": (Limit("POST *com.atproto.repo.createRecord", 1_666, 3_600),),  # 3 of 5,000 points
    "mastodon": (Limit("*", 300, 300), Limit("POST *media", 30, 1_800)),
    "line": (Limit("POST *message/broadcast", 60, 3_600),),
}


class Limiter:
    """Counts requests. `limits` may be replaced by a test that wants narrower ones."""

    def __init__(self) -> None:
        self.limits: dict[str, Sequence[Limit]] = dict(DOCUMENTED)
        self._used: dict[tuple[str, str, int], int] = {}

    def wait(self, platform: str, request: Request) -> int:
        """Count a request; return the seconds until it may be repeated, 0 if it is within."""
        waits = [self._count(platform, limit) for limit in self._of(platform, request)]
        return max(waits, default=0)

    def _of(self, platform: str, request: Request) -> list[Limit]:
        asked = f"{request.method} {request.path}"
        found = [one for one in self.limits.get(platform, ()) if fnmatchcase(asked, one.match)]
        if platform == "x" and "x" not in self.limits:
            name, size = x.bucket(request)
            found.append(Limit(name, size, X_WINDOW))
        return found

    def _count(self, platform: str, limit: Limit) -> int:
        now = time.time()
        window = int(now) // limit.seconds
        key = (platform, limit.match, window)
        used = self._used[key] = self._used.get(key, 0) + 1
        return 0 if used <= limit.most else math.ceil((window + 1) * limit.seconds - now)

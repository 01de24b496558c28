"""How far a pull has come in a list that is newest first and has no time filter.

Reading stops at entries older than `since`. An interrupted reading goes on from its page token,
and is then followed by one from the top: only a reading that went through in one piece moves
`since`, because nobody promises what a page token means after a while.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jspm_social.platforms.adapters.reading import instant, obj, text

OVERLAP = timedelta(minutes=10)


@dataclass(slots=True)
class ListWalk:
    """One list."""

    since: datetime | None = None
    top: datetime | None = None
    token: str = ""
    whole: bool = True  # read from the top without a break

    def begin(self) -> None:
        self.top, self.token, self.whole = None, "", True

    def saw(self, written: Iterable[datetime], next_token: str) -> None:
        """Note one page; afterwards `token` is '' when the list need not be read further."""
        times = list(written)
        self.top = max([*times, *([self.top] if self.top else [])], default=None)
        enough = self.since is not None and times and min(times) < self.since
        self.token = "" if enough else next_token
        if not self.token and self.whole and self.top:
            self.since = max(self.top - OVERLAP, self.since or self.top - OVERLAP)

    def to_json(self) -> dict[str, str]:
        return {
            "since": self.since.isoformat() if self.since else "",
            "token": self.token,
        }

    @classmethod
    def from_json(cls, stored: Any) -> "ListWalk":
        source = obj(stored)
        since = instant(source.get("since"))
        return cls(since=since, token=text(source, "token"), whole=False)

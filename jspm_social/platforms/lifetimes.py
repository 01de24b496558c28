"""How long a channel's secrets live, and what renewing them brings: values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

LONGEST: Final = timedelta(days=400)  # no token of today's platforms claims more


@dataclass(frozen=True, slots=True)
class Lifetime:
    """None: never, or not told."""

    expires_at: datetime | None = None
    data_access_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Renewed:
    """All secrets anew, and when they end unless they are renewed again."""

    secrets: Mapping[str, str] = field(repr=False)
    expires_at: datetime | None = None

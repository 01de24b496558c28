"""What the checks read, and what they answer. Frozen: a check changes nothing."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs."""

    BLOCK = "block"  # stops the post until a second person overrides it with a reason
    WARN = "warn"  # the author should look
    INFO = "info"  # good to know


@dataclass(frozen=True, slots=True)
class Event:
    """The record of the event that the post tells of. `date` is its first day."""

    name: str = ""
    date: dt.date | None = None
    start: dt.time | None = None
    end: dt.time | None = None
    venue: str = ""
    deadline: dt.date | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A source card: where a claim comes from, and when somebody last read it."""

    url: str = ""
    doi: str = ""
    title: str = ""
    read_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that goes out with the post, with the rights in it.

    `consent` of the people who can be seen: True, False, or None where none is needed. `credit`
    is the exact line that must stand in the text. `expires` is the last day of the permission.
    """

    kind: str = "image"
    alt: str = ""
    holder: str = ""
    credit: str = ""
    consent: bool | None = None
    no_reprint: bool = False
    expires: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One post for one channel, with all that its checks compare it with.

    `recent` holds the texts of the last 90 days. `scheduled_at` and `embargo_until` know their
    zone.
    """

    text: str
    channel: str = ""
    scheduled_at: dt.datetime | None = None
    event: Event | None = None
    sources: tuple[Source, ...] = ()
    media: tuple[MediaFile, ...] = ()
    recent: tuple[str, ...] = ()
    sponsor: str = ""
    embargo_until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What one check saw. `severity` only where it differs from the catalogue's."""

    start: int
    end: int
    reason: str
    suggestion: str
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in the text that needs a look, and why.

    0 <= start <= end <= len(text), in characters (code points) of the text as given; both are 0
    where the finding is about a file, the record or the schedule. `reason` and `suggestion` are
    Japanese sentences for the committee.
    """

    check: str
    severity: Severity
    start: int
    end: int
    reason: str
    suggestion: str

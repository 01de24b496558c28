"""A draft as the checks read it. What more than one check needs is worked out once."""

import datetime as dt
import re
from functools import cached_property

from .draft import Draft
from .language.dated import Dated, date_of
from .language.dates import DateMention, find_dates
from .language.links import (
    Link,
    Piece,
    blank_links,
    find_links,
    find_mail,
    find_mentions,
    find_tags,
)
from .language.roles import EVENT, OPEN, role_of
from .language.spans import Span, around, lines, sentences
from .language.tense import UNKNOWN, tense_after, tense_of
from .language.times import TimeMention, TimeRange, find_ranges, find_times
from .language.width import narrow

_CHAPTER = re.compile(r"^[0-9]{1,2}:[0-9]{2}(?=[ \t])", re.MULTILINE)


class Reading:
    """`plain` is the narrowed text, `words` the same without links; offsets are the text's own."""

    def __init__(self, draft: Draft, today: dt.date) -> None:
        self.draft = draft
        self.today = today
        self.text = draft.text
        self.plain = narrow(draft.text)

    @cached_property
    def publishes_on(self) -> dt.date:
        """The day that readers will first see the post, in Japan."""
        planned = self.draft.scheduled_at
        return planned.date() if planned else self.today

    @cached_property
    def words(self) -> str:
        """Narrowed text in which links, addresses and DOIs are blanked."""
        return blank_links(self.plain)

    @cached_property
    def sentences(self) -> list[Span]:
        """Up to 。 ! ? or the end of the line."""
        return sentences(self.plain)

    @cached_property
    def lines(self) -> list[Span]:
        """With their line breaks."""
        return lines(self.plain)

    def sentence_at(self, index: int) -> Span:
        """The sentence that holds the character at `index`."""
        return around(self.sentences, index)

    def line_at(self, index: int) -> Span:
        """The line that holds the character at `index`."""
        return around(self.lines, index)

    def quote(self, start: int, end: int) -> str:
        """The author's own words there, for a reason; at most 40 characters."""
        words = self.text[start:end].strip()
        return words if len(words) <= 40 else words[:39] + "…"

    @cached_property
    def links(self) -> list[Link]:
        return find_links(self.plain)

    @cached_property
    def mail(self) -> list[Piece]:
        return find_mail(self.plain)

    @cached_property
    def tags(self) -> list[Piece]:
        """Hashtags, also failed ones; not the fragment of a link."""
        taken = [(link.start, link.end) for link in self.links]
        return [
            tag
            for tag in find_tags(self.text)
            if not any(start <= tag.start < end for start, end in taken)
        ]

    @cached_property
    def mentions(self) -> list[Piece]:
        taken = [(mail.start, mail.end) for mail in self.mail]
        taken += [(link.start, link.end) for link in self.links]
        return [
            piece
            for piece in find_mentions(self.plain)
            if not any(start < piece.end and piece.start < end for start, end in taken)
        ]

    @cached_property
    def tense(self) -> str:
        """A report, an announcement, or unknown."""
        return tense_of(self.words)

    @cached_property
    def dates(self) -> list[Dated]:
        """The dates in the text, with the day that each means."""
        found: list[Dated] = []
        for mention in find_dates(self.words):
            found.append(self._dated(mention, found))
        return found

    def _dated(self, mention: DateMention, before: list[Dated]) -> Dated:
        event = self.draft.event
        known = [day for day in (event.date, event.deadline) if day] if event else []
        start, end = mention.whole
        role = role_of(self.words, start, end, self.line_at(start))
        if role == OPEN and mention.link and before and before[-1].role == EVENT:
            role = EVENT
        tense = tense_after(self.words, end, self.sentence_at(start)[1])
        return date_of(
            mention,
            before=before,
            today=self.publishes_on,
            known=known,
            tense=tense if tense != UNKNOWN else self.tense,
            role=role,
        )

    @cached_property
    def times(self) -> list[TimeMention]:
        """The times of day; the chapters of a video (0:00 開会) are none."""
        chapters = {match.start() for match in _CHAPTER.finditer(self.words)}
        found = find_times(self.words)
        if not any(time.start in chapters and not time.hour and not time.minute for time in found):
            return found
        return [time for time in found if time.start not in chapters]

    @cached_property
    def time_ranges(self) -> list[TimeRange]:
        return list(find_ranges(self.words, self.times))

"""The content checks J01 to J28 of a draft. Pure: no database, no network, no clock.

    examine(Draft(text="…", channel="x"), today=date(2026, 6, 1))

Links are opened elsewhere (`posts.services.links`); `examine_links` judges what was found there.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Sequence

from .carried import carried_lexicon
from .catalogue import CATALOGUE, Check
from .draft import Draft, Event, Finding, Found, MediaFile, Severity, Source
from .judgement import Judgement
from .lexicon import Lexicon
from .reading import Reading
from .rules.j16_links import LinkFact, judge_fact

__all__ = [
    "CATALOGUE",
    "Draft",
    "Event",
    "Finding",
    "LinkFact",
    "MediaFile",
    "Severity",
    "Source",
    "examine",
    "examine_links",
]

logger = logging.getLogger(__name__)


def examine(
    draft: Draft,
    *,
    today: dt.date,
    lexicon: Lexicon | None = None,
    checks: Sequence[Check] = CATALOGUE,
    judge: Judgement | None = None,
) -> tuple[Finding, ...]:
    """Find what needs a look, in the order of the catalogue and then of the text.

    Never raises for any draft: a check that fails becomes a finding that says so, because what
    was not checked must not look fine. `today` stands in where nothing is scheduled. `judge` adds
    what the judgement engine sees in places where the check itself saw nothing.
    """
    reading = Reading(draft, today)
    words = lexicon or carried_lexicon()
    heard = judge(draft.text) if judge else {}
    return tuple(
        finding
        for check in checks
        for finding in _run(check, reading, words, heard.get(check.id, ()))
    )


def examine_links(draft: Draft, facts: Iterable[LinkFact]) -> tuple[Finding, ...]:
    """Judge what was found when the links of `draft` were opened (J16)."""
    known = {fact.url: fact for fact in facts}
    check = next(check for check in CATALOGUE if check.id == "J16")
    reading = Reading(draft, dt.date.min)
    found = [
        one
        for link in reading.links
        if (fact := known.get(link.address)) is not None
        for one in judge_fact(link, fact)
    ]
    return tuple(_ordered(check, found, len(draft.text)))


def _run(
    check: Check, reading: Reading, lexicon: Lexicon, heard: Iterable[Found]
) -> Iterator[Finding]:
    try:
        found = list(check.look(reading, lexicon))
        found += [one for one in heard if not any(_overlap(one, other) for other in found)]
    except Exception as error:  # noqa: BLE001 - whatever it is, a person must look
        # The kind of error only: its text could carry words of the draft.
        logger.error("check %s failed: %s", check.id, type(error).__name__)  # noqa: TRY400
        reason = f"「{check.name}」の点検が動きませんでした。"
        found = [Found(0, 0, reason, "この点は目で確かめてください。")]
    yield from _ordered(check, found, len(reading.text))


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def _ordered(check: Check, found: Iterable[Found], length: int) -> Iterator[Finding]:
    findings = dict.fromkeys(
        Finding(
            check.id,
            one.severity or check.severity,
            min(max(one.start, 0), length),
            min(max(one.end, one.start, 0), length),
            one.reason,
            one.suggestion,
        )
        for one in found
    )
    yield from sorted(findings, key=lambda finding: (finding.start, finding.end))

"""What YouTube's requests cost in units. Pure.

Facts: a list costs 1, whatever changes something 50; uploads and searches have buckets of their
own, one each; a failed call costs at least 1. What a refused change costs is not told: it counts
in full, but for a token that is not accepted.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from jspm_social.platforms.budgets.charges import Spent, Told
from jspm_social.platforms.budgets.meters import YOUTUBE_SEARCHES, YOUTUBE_UNITS, YOUTUBE_UPLOADS
from jspm_social.platforms.metering import Answer, Asked

from .errors import reason_of

LIST_UNITS, CHANGE_UNITS, LEAST_UNITS = 1, 50, 1
GONE_FOR_TODAY = {"quotaExceeded", "dailyLimitExceeded"}


def cost(asked: Asked) -> Mapping[str, int]:
    """See budgets.charges.Tariff."""
    if asked.host == "oauth" or not asked.path.startswith(("/youtube/", "/upload/", "/resumable/")):
        return {}
    if asked.path.endswith("/search"):
        return {YOUTUBE_SEARCHES.name: 1}
    if asked.path.endswith("/videos") and not asked.path.startswith("/youtube/"):
        # The first request of an upload; those that bring its pieces are free.
        return {YOUTUBE_UPLOADS.name: 1} if asked.method == "POST" else {}
    return {YOUTUBE_UNITS.name: LIST_UNITS if asked.method == "GET" else CHANGE_UNITS}


def charges(asked: Asked, answer: Answer | None, _now: datetime) -> Iterable[Spent | Told]:
    """See budgets.charges.Tariff. 'The quota is used up' is believed, whatever was counted."""
    refused = answer is not None and answer.status == 401
    for meter, units in cost(asked).items():
        yield Spent(meter, LEAST_UNITS if refused else units)
    if answer is not None and not answer.ok and reason_of(answer) in GONE_FOR_TODAY:
        yield Told(YOUTUBE_UNITS.name, used=YOUTUBE_UNITS.limit)

"""What the answers of Facebook, Instagram and Threads tell of the budget. Pure; nothing is counted.

Meta's percentages are of a moving hour or day and have no end of their own: a reading holds for
the time that Meta names until access is regained, else for a quarter of an hour.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from jspm_social.platforms.budgets.charges import Spent, Told
from jspm_social.platforms.budgets.meters import META_USAGE
from jspm_social.platforms.metering import Answer, Asked

from .errors import DEFAULT_WAIT
from .usage import HEADERS, usage_of


def cost(_asked: Asked) -> Mapping[str, int]:
    """See budgets.charges.Tariff. What a call costs in percent is not known beforehand."""
    return {}


def charges(_asked: Asked, answer: Answer | None, now: datetime) -> Iterable[Spent | Told]:
    """See budgets.charges.Tariff."""
    if answer is None or not any(name in answer.headers for name in HEADERS):
        return
    usage = usage_of(answer)
    yield Told(META_USAGE.name, usage.percent, ends_at=now + (usage.wait or DEFAULT_WAIT))

"""What a Mastodon server's headers tell of the calls. Pure; nothing is counted.

Facts: X-RateLimit-Reset is ISO 8601, on some servers unix seconds; others tell nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from jspm_social.platforms.adapters.reading import instant, number, text
from jspm_social.platforms.budgets.charges import Spent, Told
from jspm_social.platforms.budgets.meters import MASTODON_RATE
from jspm_social.platforms.metering import Answer, Asked


def cost(_asked: Asked) -> Mapping[str, int]:
    """See budgets.charges.Tariff."""
    return {}


def charges(asked: Asked, answer: Answer | None, _now: datetime) -> Iterable[Spent | Told]:
    """See budgets.charges.Tariff. Deletions and media have limits of their own: only reads tell."""
    if answer is None or asked.method != "GET":
        return
    limit = number(answer.headers, "X-RateLimit-Limit")
    told = answer.headers.get("X-RateLimit-Reset")
    reset = instant(number(answer.headers, "X-RateLimit-Reset") or told)
    if limit > 0 and reset and text(answer.headers, "X-RateLimit-Remaining"):
        left = min(max(number(answer.headers, "X-RateLimit-Remaining"), 0), limit)
        yield Told(MASTODON_RATE.name, limit - left, limit, reset)

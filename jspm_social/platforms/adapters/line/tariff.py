"""What LINE tells of the month's messages. Pure; nothing is counted.

Facts: one address tells the quota ({type: none | limited, value}), another one its use
({totalUsage}); both are about the calendar month in Japan.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from jspm_social.platforms.adapters.reading import number, obj
from jspm_social.platforms.budgets.charges import Spent, Told
from jspm_social.platforms.budgets.meters import LINE_MESSAGES
from jspm_social.platforms.metering import Answer, Asked

QUOTA, USE = "/message/quota", "/message/quota/consumption"


def cost(_asked: Asked) -> Mapping[str, int]:
    """See budgets.charges.Tariff. How many people a broadcast reaches is not known beforehand."""
    return {}


def charges(asked: Asked, answer: Answer | None, _now: datetime) -> Iterable[Spent | Told]:
    """See budgets.charges.Tariff."""
    if answer is None or not answer.ok or asked.method != "GET":
        return
    body = obj(answer.body)
    if asked.path.endswith(USE):
        yield Told(LINE_MESSAGES.name, used=number(body, "totalUsage"))
    elif asked.path.endswith(QUOTA) and body.get("type") == "limited":
        yield Told(LINE_MESSAGES.name, limit=number(body, "value"))

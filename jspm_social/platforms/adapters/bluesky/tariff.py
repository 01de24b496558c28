"""What Bluesky's writes cost in points, and what its headers tell of the calls. Pure.

Facts: a record made costs 3 points, changed 2, deleted 1; 5,000 points an hour and 35,000 a day
per account. The headers describe the tightest bucket; on a reading that is the one of all calls.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from jspm_social.platforms.adapters.reading import instant, number, obj, objs, text
from jspm_social.platforms.budgets.charges import Spent, Told
from jspm_social.platforms.budgets.meters import BLUESKY_DAY, BLUESKY_HOUR, BLUESKY_RATE
from jspm_social.platforms.metering import Answer, Asked

POINTS = {"createRecord": 3, "putRecord": 2, "deleteRecord": 1}
WRITES = {"create": 3, "update": 2, "delete": 1}  # the parts of applyWrites


def cost(asked: Asked) -> Mapping[str, int]:
    """See budgets.charges.Tariff."""
    points = _points(asked)
    return {BLUESKY_HOUR.name: points, BLUESKY_DAY.name: points} if points else {}


def charges(asked: Asked, answer: Answer | None, _now: datetime) -> Iterable[Spent | Told]:
    """See budgets.charges.Tariff."""
    if answer is None or answer.ok:
        for meter, points in cost(asked).items():
            yield Spent(meter, points)
    if answer is None or asked.method != "GET":
        return
    limit = number(answer.headers, "RateLimit-Limit")
    reset = instant(number(answer.headers, "RateLimit-Reset") or None)
    if limit > 0 and reset:
        left = min(max(number(answer.headers, "RateLimit-Remaining"), 0), limit)
        yield Told(BLUESKY_RATE.name, limit - left, limit, reset)


def _points(asked: Asked) -> int:
    verb = asked.path.rpartition("com.atproto.repo.")[2]
    if verb == "applyWrites":
        kinds = [text(w, "$type").rpartition("#")[2] for w in objs(obj(asked.json).get("writes"))]
        return sum(WRITES.get(kind, 3) for kind in kinds)
    return POINTS.get(verb, 0)

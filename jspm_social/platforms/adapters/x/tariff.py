"""What X's requests cost, and what its answers tell of the limits. Pure.

The sum is an approximation, rather too high: whatever stands beside the posts (authors, media) is
counted as if it had been asked for by itself, which the documentation leaves open; a write whose
answer was lost counts as done.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from jspm_social.platforms.adapters.reading import instant, number, obj, objs, text
from jspm_social.platforms.budgets.charges import Spent, Told
from jspm_social.platforms.budgets.meters import X_DOLLARS, X_RATE, X_READS, X_WRITES
from jspm_social.platforms.metering import Answer, Asked

from . import prices

_URL = re.compile(r"https?://|\b[\w-]+\.(?:com|jp|org|net)\b", re.ASCII)
_LEAST_PAGE = 10


def cost(asked: Asked) -> Mapping[str, int]:
    """See budgets.charges.Tariff. A list costs at most its page full of new things."""
    if _is_free(asked):
        return {}
    if asked.method != "GET":
        return {X_DOLLARS.name: _price_of_write(asked), X_WRITES.name: 1}
    size = _page_size(asked)
    each = 0 if _is_about_users(asked) else _price_of_post(asked)
    users = prices.USER_READ if _is_about_users(asked) or "expansions" in asked.params else 0
    return {X_DOLLARS.name: size * (each + users), X_READS.name: size}


def charges(asked: Asked, answer: Answer | None, _now: datetime) -> Iterable[Spent | Told]:
    """See budgets.charges.Tariff."""
    if _is_free(asked):
        return
    if asked.method == "GET":
        if answer is not None:
            yield from _rate(asked, answer)
            yield from _reads(asked, answer)
    elif answer is None or answer.ok:
        yield Spent(X_DOLLARS.name, _price_of_write(asked))
        yield Spent(X_WRITES.name)


def _reads(asked: Asked, answer: Answer) -> Iterator[Spent]:
    body = obj(answer.body)
    data = objs(body.get("data")) or [found for found in [obj(body.get("data"))] if found]
    if _is_about_users(asked):
        yield from _each("user", data, prices.USER_READ)
    else:
        yield from _each("post", data, _price_of_post(asked))
        for post in data:
            yield Spent(X_READS.name, 1, once=text(post, "id"))
    beside = obj(body.get("includes"))
    yield from _each("user", objs(beside.get("users")), prices.USER_READ)
    yield from _each("media", objs(beside.get("media")), prices.MEDIA_READ, key="media_key")
    for name in ("posts", "tweets"):
        yield from _each("post", objs(beside.get(name)), prices.POST_READ)


def _each(
    kind: str, things: Iterable[Mapping[str, object]], price: int, key: str = "id"
) -> Iterator[Spent]:
    for thing in things:
        yield Spent(X_DOLLARS.name, price, once=f"{kind}:{text(thing, key)}")


def _rate(asked: Asked, answer: Answer) -> Iterator[Told]:
    limit = number(answer.headers, "x-rate-limit-limit")
    reset = instant(number(answer.headers, "x-rate-limit-reset") or None)
    if limit > 0 and reset:
        left = min(max(number(answer.headers, "x-rate-limit-remaining"), 0), limit)
        yield Told(f"{X_RATE.name}:{_list_of(asked)}", limit - left, limit, reset)


def _list_of(asked: Asked) -> str:
    """Return a short name for the address whose calls X counts together."""
    parts = asked.path.strip("/").split("/")
    return {"recent": "search", "mentions": "mentions"}.get(parts[-1], parts[1])[:16]


def _is_free(asked: Asked) -> bool:
    return asked.path.startswith("/2/oauth2/")


def _is_about_users(asked: Asked) -> bool:
    parts = asked.path.strip("/").split("/")
    return parts[1:2] == ["users"] and parts[-1] not in {"mentions", "tweets"}


def _price_of_post(asked: Asked) -> int:
    parts = asked.path.strip("/").split("/")
    owned = parts[1:2] == ["users"] and parts[-1] in prices.OWNED_LISTS
    return prices.OWNED_READ if owned else prices.POST_READ


def _price_of_write(asked: Asked) -> int:
    parts = asked.path.strip("/").split("/")
    if (asked.method, parts[-1]) in prices.WRITES:
        return prices.WRITES[asked.method, parts[-1]]
    if asked.method == "DELETE":
        return prices.DELETE_MUTE if "muting" in parts else prices.DELETE_OTHER
    if (asked.method, parts) == ("POST", ["2", "tweets"]):
        links = _URL.search(text(obj(asked.json), "text"))
        return prices.POST_CREATE_WITH_URL if links else prices.POST_CREATE
    return 0  # media uploads and the like carry no price of their own


def _page_size(asked: Asked) -> int:
    ids = str(asked.params.get("ids", ""))
    if ids:
        return ids.count(",") + 1
    if asked.path.startswith(("/2/users/me", "/2/tweets/")) and "search" not in asked.path:
        return 1
    return number(asked.params, "max_results") or _LEAST_PAGE

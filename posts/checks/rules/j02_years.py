"""J02, years: western and Japanese years, and fiscal years, that do not agree."""

import re
from collections.abc import Iterator

from posts.checks.draft import Found
from posts.checks.language.eras import ERA, ERA_YEAR, era, era_of
from posts.checks.language.numbers import number
from posts.checks.reading import Reading

_PAIRS = (
    re.compile(
        rf"(?P<west>(?:19|20)[0-9]{{2}})\s?(?P<unit>年度?)?\s?[(/・=,、]\s?(?P<era>{ERA})\s?(?P<count>{ERA_YEAR})\s?(?P<unit2>年度?)?"
    ),
    re.compile(
        rf"(?P<era>{ERA})\s?(?P<count>{ERA_YEAR})\s?(?P<unit>年度?)\s?[(/・=,、]\s?(?P<west>(?:19|20)[0-9]{{2}})\s?(?P<unit2>年度?)?"
    ),
)
_ERA_YEAR = re.compile(rf"(?P<era>令和|平成|昭和)\s?(?P<count>[0-9]{{3}}|{ERA_YEAR})\s?年")
_FISCAL = re.compile(r"(?P<year>(?:19|20)[0-9]{2})年度\s?[(]\s?(?P<from>(?:19|20)[0-9]{2})年\s?4月")


def years(reading: Reading) -> Iterator[Found]:
    done: set[int] = set()
    for pattern in _PAIRS:
        for match in pattern.finditer(reading.words):
            name, count, west = era(match["era"]), number(match["count"]), int(match["west"])
            done.add(match.start("era"))
            if name.zero + count != west or (name.last and count > name.last):
                words = reading.quote(match.start(), match.end())
                reason = (
                    f"「{words}」は、西暦と和暦が合いません。{west}年は"
                    f"{era_of(max(west, 1989))}です。"
                )
                suggestion = (
                    f"{name.zero + count}年（{name.name}{match['count']}年）か、{west}年（"
                    f"{era_of(max(west, 1989))}）か、ご確認ください。"
                )
                yield Found(match.start(), match.end(), reason, suggestion)
    for match in _ERA_YEAR.finditer(reading.words):
        name, count = era(match["era"]), number(match["count"])
        if name.last and count > name.last and match.start() not in done:
            words = reading.quote(match.start(), match.end())
            reason = f"「{words}」は使われていない年です（{name.name}は{name.last}年まで）。"
            yield Found(
                match.start(), match.end(), reason, f"{era_of(name.zero + count)}ではありませんか。"
            )
    for match in _FISCAL.finditer(reading.words):
        if match["year"] != match["from"]:
            words = reading.quote(match.start(), match.end())
            reason = f"「{words}」は、年度と期間の年が合いません。"
            yield Found(match.start(), match.end(), reason, "年度の表記をご確認ください。")

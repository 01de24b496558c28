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
_BESIDE_RELATIVE = re.compile(
    r"(?P<word>一昨年|昨年|去年|今年|本年|来年|明年|再来年)(?!度)(?:の|は|、|\s)?[(]?\s?"
    rf"(?:(?P<west>20[0-9]{{2}})年(?!度)|(?P<era>令和|平成)\s?(?P<count>{ERA_YEAR})年(?!度))"
    r"|(?P<west2>20[0-9]{2})年(?:の|、|である)(?P<word2>昨年|去年|今年|本年|来年)(?!度)"
)
_STEPS = {
    "一昨年": -2,
    "昨年": -1,
    "去年": -1,
    "今年": 0,
    "本年": 0,
    "来年": 1,
    "明年": 1,
    "再来年": 2,
}
_ERA_MONTH = re.compile(r"(?P<era>平成31年|令和元年|平成三十一年)\s?(?P<month>[0-9]{1,2})月")


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
    yield from _relative_years(reading)
    yield from _change_of_era(reading)


def _relative_years(reading: Reading) -> Iterator[Found]:
    """昨年（2024年）: the word counts from the day of publication."""
    this_year = reading.publishes_on.year
    for match in _BESIDE_RELATIVE.finditer(reading.words):
        word = match["word"] or match["word2"]
        west = match["west"] or match["west2"]
        year = int(west) if west else era(match["era"]).zero + number(match["count"])
        meant = this_year + _STEPS[word]
        if year != meant:
            start, end = match.span()
            reason = (
                f"「{reading.quote(start, end)}」とありますが、公開日からみた「{word}」"
                f"は{meant}年です。"
            )
            yield Found(start, end, reason, "年をご確認ください。")


def _change_of_era(reading: Reading) -> Iterator[Found]:
    """平成 ended with April 2019."""
    for match in _ERA_MONTH.finditer(reading.words):
        month, old = int(match["month"]), match["era"].startswith("平成")
        if old != (month <= 4):
            start, end = match.span()
            right = "令和元年" if old else "平成31年"
            reason = (
                f"「{reading.quote(start, end)}」は元号が合いません（改元は2019年5月1日です）。"
            )
            yield Found(start, end, reason, f"{right}{month}月ではありませんか。")

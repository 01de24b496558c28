"""J09: source cards that are old, withdrawn, incomplete or malformed."""

import re
from collections.abc import Iterator

from posts.checks.draft import Found, Severity, Source
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_READ_AGAIN = 365  # days after which a page is to be read again
_OLD, _AGEING = 10, 5  # years of the work itself
_WITHDRAWN = re.compile(
    r"撤回|取り?下げ|取消|retract|withdrawn|withdrawal of|expression of concern|懸念表明|removed:",
    re.IGNORECASE,
)
_NOT_ABOUT_IT = re.compile(
    r"撤回(?:の|率|理由|件数)|retraction (?:rate|watch)|withdrawal (?:symptom|syndrome|of "
    r"(?:life|treatment|opioid))|opioid withdrawal",
    re.IGNORECASE,
)
_PREPRINT = re.compile(
    r"medrxiv|biorxiv|preprint|プレプリント|査読前|10\.1101/|researchsquare|ssrn", re.IGNORECASE
)
_YEAR = re.compile(r"(?<![0-9])(?P<year>(?:19[5-9]|20[0-4])[0-9])(?![0-9])")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s?)?10\.[0-9]{4,9}/\S+", re.IGNORECASE)
_WEAK = re.compile(
    r"wikipedia\.org|ameblo|note\.com|livedoor|hatenablog|fc2\.|chiebukuro|matome|5ch|2ch|tiktok|togetter|youtube\.com|chatgpt|blog",
    re.IGNORECASE,
)


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Every card, in order. The findings are about the cards, not about a place in the text."""
    del lexicon
    for number, source in enumerate(reading.draft.sources, start=1):
        name = f"出典{number}「{(source.title or source.doi or source.url)[:30]}」"
        for reason, suggestion, severity in _judge(source, reading):
            yield Found(0, 0, f"{name}{reason}", suggestion, severity)


def _judge(source: Source, reading: Reading) -> Iterator[tuple[str, str, Severity | None]]:
    if _WITHDRAWN.search(source.title) and not _NOT_ABOUT_IT.search(source.title):
        yield (
            "は、撤回または懸念が示された論文のようです。",
            "別の出典に替えるか、この話題を外してください。",
            None,
        )
    yield from _reading_date(source, reading)
    yield from _age(source, reading)
    if not (source.url or source.doi):
        yield "に、URLもDOIもありません。", "URLかDOIを登録してください。", None
    if source.doi and not _DOI.fullmatch(source.doi.strip()):
        yield (
            f"のDOI「{source.doi[:30]}」は形が正しくありません。",
            "「10.」で始まる形で登録してください。",
            None,
        )
    if _PREPRINT.search(f"{source.doi} {source.url} {source.title}"):
        yield (
            "は、査読前の論文（プレプリント）です。",
            "査読を経ていないことを本文に書くか、別の出典にしてください。",
            None,
        )
    if _WEAK.search(source.url):
        yield (
            "は、信頼性を確かめにくいサイトです。",
            "論文・公的機関など、もとの出典を登録してください。",
            None,
        )


def _reading_date(source: Source, reading: Reading) -> Iterator[tuple[str, str, Severity | None]]:
    today = reading.publishes_on
    if source.read_on is None:
        yield "に、確認した日がありません。", "読んだ日を登録してください。", Severity.INFO
        return
    days = (today - source.read_on).days
    if source.read_on > max(today, reading.today):
        yield (
            f"の確認日（{source.read_on:%Y-%m-%d}）が未来の日付です。",
            "読んだ日をご確認ください。",
            None,
        )
    elif days > _READ_AGAIN:
        yield (
            f"は、{source.read_on:%Y-%m-%d}に確認されたままです（{days // 365}年以上前）。",
            "改訂や撤回がないか、もう一度お読みください。",
            None,
        )


def _age(source: Source, reading: Reading) -> Iterator[tuple[str, str, Severity | None]]:
    years = [int(match["year"]) for match in _YEAR.finditer(source.title)]
    years = years or [int(m["year"]) for m in _YEAR.finditer(source.doi.partition("/")[2])]
    past = [year for year in years if year <= reading.publishes_on.year]
    if not past:
        return
    age = reading.publishes_on.year - max(past)
    if age > _OLD:
        yield (
            f"は{max(past)}年のもので、{age}年たっています。",
            "新しい報告がないか、ご確認ください。",
            None,
        )
    elif age > _AGEING:
        yield (
            f"は{max(past)}年のもので、{age}年たっています。",
            "新しい報告がないか、ご確認ください。",
            Severity.INFO,
        )

"""J11: who pays must stand in the first line, in words and not among hashtags."""

import re
import unicodedata
from collections.abc import Iterator

from posts.checks.draft import Found, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_SIGN = re.compile(
    r"(?<![A-Za-z])PR(?![A-Za-zぁ-んァ-ヶ一-龥])|広告|プロモーション|タイアップ|共催|協賛|スポンサー"
    r"|提供\s?[:/】\])]|の提供|(?:による|が|[【\[(])提供|提供(?:です|でお)|助成[:/】を]|の助成"
    r"|supported by|sponsored",
    re.IGNORECASE,
)
_COMPANY = (
    r"[^\s、。:：()「」]{0,20}(?:株式会社|\(株\)|㈱|合同会社|製薬|ファーマ|薬品|メディカル|"
    r"生命保険|財団|ホールディングス|pharma|inc\.|co\., ?ltd)"
)
_UNREGISTERED = re.compile(
    rf"(?:提供|共催|協賛|スポンサー|タイアップ|後援企業|協賛企業|広告主)\s?[】\])]?\s?[:：／/は]?\s?(?P<who>{_COMPANY}[^\s、。]{{0,12}})"
    rf"|(?P<who2>{_COMPANY}[^\s、。]{{0,8}})(?:の|との|による|が)?(?:提供|共催|協賛|タイアップ|スポンサー)",
    re.IGNORECASE,
)
_AD_TAG = re.compile(
    r"^[#＃](?:PR|広告|プロモーション|タイアップ|提供|協賛|ad|sponsored|プロモ|スポンサー)$",
    re.IGNORECASE,
)


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """With a sponsor, its sign; without one, signs that a sponsor was forgotten."""
    del lexicon
    if reading.draft.sponsor:
        yield from _disclosed(reading, reading.draft.sponsor)
    else:
        yield from _forgotten(reading)


def _disclosed(reading: Reading, sponsor: str) -> Iterator[Found]:
    start, end = _first_line(reading)
    first = _without_tags(reading, start, end)
    if _SIGN.search(first):
        if not _names(reading, sponsor):
            reason = f"提供者「{sponsor}」の名が本文にありません。"
            yield Found(
                start,
                end,
                reason,
                f"「提供：{sponsor}」のように、名前も入れてください。",
                Severity.INFO,
            )
        return
    suggestion = f"1行目に「【PR】提供：{sponsor}」のように入れてください。"
    body = _without_tags(reading, 0, len(reading.plain))
    named_tag = next((tag for tag in reading.tags if _AD_TAG.match(tag.text.rstrip("。、!"))), None)
    if _SIGN.search(body) and _names(reading, sponsor):
        reason = f"「{sponsor}」の提供・共催であることが、1行目に書かれていません。"
        yield Found(start, end, reason, suggestion)
    elif named_tag is not None:
        reason = (
            f"広告の表示「{named_tag.text}」がハッシュタグに埋もれています（「{sponsor}」の提供）。"
        )
        yield Found(named_tag.start, named_tag.end, reason, suggestion)
    else:
        reason = f"「{sponsor}」の提供であることが、読む方に分かる形で書かれていません。"
        yield Found(start, end, reason, suggestion)


def _first_line(reading: Reading) -> tuple[int, int]:
    for start, end in reading.lines:
        if reading.plain[start:end].strip():
            return start, start + len(reading.plain[start:end].rstrip("\n"))
    return 0, 0


def _without_tags(reading: Reading, start: int, end: int) -> str:
    words = reading.words
    for tag in reading.tags:
        words = words[: tag.start] + " " * (tag.end - tag.start) + words[tag.end :]
    return words[start:end]


def _names(reading: Reading, sponsor: str) -> bool:
    bare = re.sub(r"株式会社|合同会社|一般社団法人|公益財団法人|\(株\)|㈱|\s", "", _plain(sponsor))
    return bare in _plain(reading.text)


def _plain(words: str) -> str:
    return unicodedata.normalize("NFKC", words).replace(" ", "")


def _forgotten(reading: Reading) -> Iterator[Found]:
    for tag in reading.tags:
        if _AD_TAG.match(tag.text.rstrip("。、!")):
            reason = (
                f"広告の表示「{tag.text}」がハッシュタグに埋もれています。"
                "提供者の登録もありません。"
            )
            yield Found(
                tag.start, tag.end, reason, "提供者を登録し、1行目に「PR」と書いてください。"
            )
    match = _UNREGISTERED.search(reading.words)
    if match:
        start, end = match.span()
        reason = f"「{reading.quote(start, end)}」とありますが、提供者が登録されていません。"
        yield Found(
            start,
            end,
            reason,
            "提供・共催の企業であれば、提供者の欄に登録してください。",
            Severity.INFO,
        )

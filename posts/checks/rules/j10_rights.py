"""J10: the rights in each file: holder, credit line, consent, expiry, and the 無断転載 note."""

import re
import unicodedata
from collections.abc import Iterator

from posts.checks.draft import Found, MediaFile, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_NOTE = re.compile(
    r"(?:無断(?:での)?(?:転載|使用|複製|引用|利用)|転載)[^。\n]{0,14}(?:禁|不可|お断り|ご遠慮|ご容赦|しないで|お控え|できません)"
)


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Every file against its ledger, then whether the text carries the note that it needs."""
    del lexicon
    for number, media in enumerate(reading.draft.media, start=1):
        name = f"{number}番目の{_kind(media)}"
        yield from _ledger(media, name, reading)
    yield from _note(reading)


def _kind(media: MediaFile) -> str:
    return {"video": "動画", "audio": "音声", "gif": "画像"}.get(media.kind, "画像")


def _ledger(media: MediaFile, name: str, reading: Reading) -> Iterator[Found]:
    if not media.holder.strip():
        yield Found(
            0,
            0,
            f"{name}の権利者が登録されていません。",
            "権利者を確かめて登録するか、別のものに替えてください。",
        )
    if media.credit.strip() and _plain(media.credit) not in _plain(reading.text):
        yield Found(
            0, 0,
            f"{name}に必要なクレジット「{media.credit.strip()}」が本文にありません。",
            f"本文に「{media.credit.strip()}」と入れてください。",
        )  # fmt: skip
    if media.consent is False:
        yield Found(
            0,
            0,
            f"{name}は、使用についての同意（肖像など）が得られていません。",
            "同意を得て記録するか、別のものに替えてください。",
        )
    if media.expires is not None and media.expires < reading.publishes_on:
        yield Found(
            0, 0,
            f"{name}の使用期限（{media.expires:%Y年%-m月%-d日}）が、公開日（{reading.publishes_on:%Y年%-m月%-d日}）より前に切れます。",
            "許諾を延ばすか、別のものに替えてください。",
        )  # fmt: skip


def _plain(words: str) -> str:
    """Width and spaces do not matter for a credit line."""
    return "".join(unicodedata.normalize("NFKC", words).split())


def _note(reading: Reading) -> Iterator[Found]:
    marked = [n for n, media in enumerate(reading.draft.media, start=1) if media.no_reprint]
    if marked and not _NOTE.search(reading.words):
        which = "・".join(map(str, marked))
        reason = (
            f"{which}番目のファイルは無断転載禁止ですが、本文にその注記がありません（注記がない"
            "と転載できることになります）。"
        )
        yield Found(0, 0, reason, "本文に「無断転載を禁じます」と入れてください。")
    if not marked and not reading.draft.media:
        return
    soon = [
        m
        for m in reading.draft.media
        if m.expires and 0 <= (m.expires - reading.publishes_on).days < 7
    ]
    for media in soon:
        yield Found(
            0, 0,
            f"{_kind(media)}の使用期限（{media.expires:%Y年%-m月%-d日}）が、公開から1週間以内に切れます。",
            "期限の後に投稿を下げる予定を決めてください。",
            Severity.INFO,
        )  # fmt: skip

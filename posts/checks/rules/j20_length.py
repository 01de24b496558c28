"""J20: longer than the platform takes, too many hashtags, and what hides behind 'more'."""

import re
from collections.abc import Iterator

from jspm_social.platforms.counting import Unit, measure_all
from jspm_social.platforms.names import Platform
from posts.checks.draft import Found, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_UNITS = {
    Unit.WEIGHTED: "日本語1文字を2と数えて",
    Unit.GRAPHEMES: "見た目の文字で",
    Unit.CHARACTERS: "文字で",
    Unit.BYTES: "バイトで（日本語は1文字3バイト）",
    Unit.UTF16: "UTF-16の単位で",
    Unit.EMOJI_BYTES: "絵文字を数倍に数えて",
    Unit.HASHTAGS: "ハッシュタグの数で",
    Unit.MENTIONS: "メンションの数で",
}
_MOST_TAGS = {Platform.INSTAGRAM: 5}  # what the platform takes since December 2025
_MANY_TAGS = 5
_FOLDS = {Platform.INSTAGRAM: 125, Platform.YOUTUBE: 150, Platform.FACEBOOK: 480}
_MOST_LINKS_ON_THREADS = 5
_BLANK_LINES = re.compile(r"\n[ \t\u3000]*\n[ \t\u3000]*\n[ \t\u3000]*\n")
_WEIGHTY = re.compile(r"https?://|締め?切|〆切|期限|日時|会場|お?申し?込")


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Every limit of the channel's platform, each that is broken by itself."""
    del lexicon
    if not reading.text.strip():
        yield Found(0, len(reading.text), "本文が空です。", "本文を書いてください。")
        return
    yield from _blank_lines(reading)
    platform = _platform(reading.draft.channel)
    if platform is None:
        if reading.draft.channel:
            reason = (
                f"「{reading.draft.channel[:20]}」という媒体の字数の決まりが分からず、"
                "確かめていません。"
            )
            yield Found(0, 0, reason, "投稿先の媒体をご確認ください。", Severity.INFO)
        return
    yield from _limits(reading, platform)
    yield from _tags(reading, platform)
    yield from _folded(reading, platform)
    yield from _peculiar(reading, platform)


def _platform(channel: str) -> Platform | None:
    name = channel.strip().lower()
    try:
        return Platform({"twitter": "x"}.get(name, name))
    except ValueError:
        return None


def _limits(reading: Reading, platform: Platform) -> Iterator[Found]:
    for measured in measure_all(platform, reading.text):
        if measured.fits:
            continue
        over = measured.used - measured.limit
        reason = (
            f"{platform.label}の上限を{over:,}超えています（{_UNITS[measured.unit]}"
            f"{measured.used:,}、上限{measured.limit:,}）。"
        )
        suggestion = "印の付いた部分が入りきりません。短くするか、二つの投稿に分けてください。"
        yield Found(measured.cut, len(reading.text), reason, suggestion)


def _tags(reading: Reading, platform: Platform) -> Iterator[Found]:
    tags = [tag for tag in reading.tags if len(tag.text) > 1]
    most = _MOST_TAGS.get(platform)
    if not tags or len(tags) <= _MANY_TAGS:
        return
    place = (tags[_MANY_TAGS].start, tags[-1].end)
    if most is not None:
        reason = f"ハッシュタグが{len(tags)}個あります（{platform.label}は{most}個まで）。"
        yield Found(*place, reason, f"{most}個までに減らしてください。")
    else:
        reason = f"ハッシュタグが{len(tags)}個あり、本文が読みにくくなります。"
        yield Found(*place, reason, "大切なもの2〜3個に減らしてください。", Severity.WARN)


def _folded(reading: Reading, platform: Platform) -> Iterator[Found]:
    """Where the platform hides the rest behind 'more', what people act on should stand before."""
    fold = _FOLDS.get(platform)
    if fold is None or len(reading.text) <= fold:
        return
    first = _WEIGHTY.search(reading.text)
    if first and first.start() >= fold:
        reason = (
            f"「{reading.quote(*first.span())}」が、{platform.label}で「続きを読む」"
            f"に隠れる位置（{fold}文字より後）にあります。"
        )
        yield Found(
            first.start(), first.end(), reason, "大切なことを先に書いてください。", Severity.INFO
        )


def _peculiar(reading: Reading, platform: Platform) -> Iterator[Found]:
    if platform is Platform.YOUTUBE:
        for match in re.finditer(r"[<>]", reading.text):
            yield Found(
                *match.span(),
                f"YouTubeの説明文に「{match[0]}」は使えません。",
                "「＜」「＞」など別の記号にしてください。",
            )
    if platform is Platform.THREADS:
        links = list(dict.fromkeys(link.url for link in reading.links))
        if len(links) > _MOST_LINKS_ON_THREADS:
            last = reading.links[-1]
            reason = f"リンクが{len(links)}個あります（Threadsは{_MOST_LINKS_ON_THREADS}個まで）。"
            yield Found(last.start, last.end, reason, "リンクを減らしてください。")
    if platform is Platform.INSTAGRAM:
        if not reading.draft.media:
            yield Found(
                0,
                0,
                "Instagramの投稿には画像か動画が必要です。",
                "画像か動画を加えてください。",
                Severity.INFO,
            )
        for link in reading.links[:1]:
            reason = f"「{reading.quote(link.start, link.end)}」は、Instagramの本文では押せません。"
            yield Found(
                link.start,
                link.end,
                reason,
                "プロフィールのリンクをご案内ください。",
                Severity.INFO,
            )


def _blank_lines(reading: Reading) -> Iterator[Found]:
    match = _BLANK_LINES.search(reading.text)
    if match:
        reason = "空行が続いています。媒体によって詰められたり、長く空いたりします。"
        yield Found(match.start(), match.end(), reason, "空行を一つにしてください。", Severity.INFO)

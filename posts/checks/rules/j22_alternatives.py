"""J22: alternative text: missing, saying nothing, or silent about the words in the picture."""

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from posts.checks.draft import Found, MediaFile, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_EMPTY_WORDS = re.compile(
    r"(?:(?:学会|大会|セミナー|研修会?|イベント|会場|講演会?|講座|ご?案内|お知らせ|告知|募集|投稿|添付|参考)(?:用)?の?)*"
    r"(?:画像|写真|イメージ(?:画像|写真)?|図|イラスト|バナー|ポスター|[チち][ラら][シし]|フライヤー|地図|表紙|図表|グラフ|ロゴ|アイキャッチ|サムネイル|スクリーンショット|スクショ|動画|ビデオ|無題|なし|無し|alt|image|photo|picture|img|banner|poster|flyer|logo|thumbnail|untitled|none|null|n/?a|テスト|test|代替テキスト|説明|未設定|未入力|後で|あとで|tbd|todo|[0-9\W_]+)"
    r"(?:の?(?:画像|写真|イラスト))?(?:その)?(?:です|です。)?\s?[0-9a-z]{0,4}\.?",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r"[^\s]*\.(?:jpe?g|png|gif|webp|heic|mp4|mov|pdf)|(?:img|dsc|dscn|dcim|p|スクリーンショット|screenshot|image|写真|無題)[_\s-]?[0-9][0-9_\s.:-]*",
    re.IGNORECASE,
)
_TEXT_PICTURE = re.compile(
    r"ポスター|[チち][ラら][シし]|フライヤー|案内(?:状|画像|文)|プログラム(?:表)?|日程表|スケジュール|一覧表|表紙|グラフ|図表|バナー|告知画像|お知らせ(?:の)?画像|スライド|インフォグラフィック|スクリーンショット|文字(?:入り)?(?:の)?画像|テキスト画像"
)
# The post leaves it to the picture to say what matters.
_LEFT_TO_PICTURE = re.compile(
    r"(?:詳細|詳しく|くわしく|内容|日時|会場|申し?込み方法|プログラム)[^。\n]{0,8}(?:画像|写真|図|ポスター|[チち][ラら][シし])"
    r"[^。\n]{0,8}(?:ご?覧|参照|ご?確認|見て|読んで)"
    r"|(?:画像|図|ポスター|[チち][ラら][シし])(?:を|で|にて|から)(?:ご?覧|ご?参照|ご?確認)"
)
_SHORT, _SHORT_FOR_TEXT = 5, 20
_SAME = 95


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Every file that people look at. The findings are about the file, not a place in the text."""
    del lexicon
    for number, media in enumerate(reading.draft.media, start=1):
        found = _judge(
            media, f"{number}番目の{'動画' if media.kind == 'video' else '画像'}", reading
        )
        if found:
            yield found


def _judge(media: MediaFile, name: str, reading: Reading) -> Found | None:
    alt = media.alt.strip()
    moving = media.kind in {"video", "audio"}
    if not alt:
        reason = f"{name}に代替テキストがありません。目の見えない方に内容が伝わりません。"
        return Found(
            0,
            0,
            reason,
            "何が写っているか、書かれている文字も含めて短く書いてください。",
            Severity.WARN if moving else None,
        )
    if _EMPTY_WORDS.fullmatch(alt) or _FILE_NAME.fullmatch(alt):
        reason = f"{name}の代替テキスト「{alt[:30]}」では、内容が伝わりません。"
        return Found(0, 0, reason, "何が写っているか、書かれている文字も含めて短く書いてください。")
    if len(alt) < _SHORT:
        reason = f"{name}の代替テキスト「{alt}」が短く、内容が伝わりにくくなっています。"
        return Found(
            0, 0, reason, "誰が、何を、どうしている画像かを書いてください。", Severity.WARN
        )
    if len(alt) > 20 and fuzz.ratio(alt, reading.text) >= _SAME:
        reason = f"{name}の代替テキストが本文と同じです。読み上げで二度聞くことになります。"
        return Found(0, 0, reason, "本文にない、画像の内容を書いてください。", Severity.INFO)
    return None if moving else _silent_words(alt, name, reading)


def _silent_words(alt: str, name: str, reading: Reading) -> Found | None:
    """A short alternative text that keeps the words in the picture to itself."""
    if len(alt) >= _SHORT_FOR_TEXT:
        return None
    if _LEFT_TO_PICTURE.search(reading.words):
        reason = f"本文は{name}を見るよう勧めていますが、代替テキスト「{alt}」に内容がありません。"
        return Found(0, 0, reason, "画像の中の文字を、本文か代替テキストに書いてください。")
    if _TEXT_PICTURE.search(alt) and "「" not in alt:
        reason = f"{name}の代替テキスト「{alt}」に、画像の中の文字が書かれていません。"
        return Found(
            0,
            0,
            reason,
            "画像の中の日時・会場などの文字も、代替テキストに書いてください。",
            Severity.WARN,
        )
    return None

"""J23: mentions of the wrong account, and posts that stray into the wrong account."""

import re
from collections.abc import Iterator

from rapidfuzz.distance import DamerauLevenshtein

from posts.checks.draft import Found, Severity
from posts.checks.language.links import Piece
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading
from posts.checks.terms import look_up

_ELSEWHERE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("x", re.compile(r"リツイート|リポストを?お願い|このツイート|このポストを")),
    (
        "youtube",
        re.compile(
            r"チャンネル登録(?:を|と)?[^。\n]{0,8}(?:お願い|よろしく)|高評価(?:を|と|ボタン)|概要欄(?:を|に|から)"
        ),
    ),
    (
        "instagram",
        re.compile(
            r"ストーリーズ(?:を|も)(?:ご覧|チェック)|プロフィール(?:欄)?のリンク(?:を|から)|ハイライトから"
        ),
    ),
    ("line", re.compile(r"(?:この|当)トーク(?:画面|ルーム)|下のメニューから|リッチメニュー")),
)
_NAMES_CHANNEL = re.compile(
    r"(?:この|当|こちらの)(?P<name>X|Twitter|ツイッター|Facebook|フェイスブック|Instagram|インスタグラム|インスタ|YouTube|LINE|Threads|スレッズ|Bluesky|ブルースカイ|Mastodon)(?:の)?(?:公式)?(?:アカウント|ページ|チャンネル)",
    re.IGNORECASE,
)
_CHANNELS = {
    "twitter": "x",
    "ツイッター": "x",
    "フェイスブック": "facebook",
    "インスタグラム": "instagram",
    "インスタ": "instagram",
    "スレッズ": "threads",
    "ブルースカイ": "bluesky",
}
_EVERYDAY = re.compile(
    r"疲れた|つかれた|帰って|ビール|飲みたい|飲んできた|温泉|旅行|ラーメン|カレー|寿司|焼肉|昼ごはん|昼ご飯|晩ご飯|夕飯|朝ごはん|運動会|遊園地|映画|買い物|ゴルフ|釣り"
    r"|ママ友|眠い|ねむ[いっ]|寝る(?!前)|おやすみなさい|寝坊|美味し|おいし(?:い|かっ)|食べた|食べに|食べてき|行ってきた|行ってきまし|行ってくる|当直明け|夜勤明け|ライブ(?:楽し|最高)|サッカー|野球|優勝|ゲーム|アニメ|髪(?:を)?切|筋トレ|連休|寝まく|遊びに行|誕生日|ケーキ|飲み会|女子会|合コン|ダイエット|デート"
)
# Words of the society's own field: a post with none of them and of everyday life is somebody's own.
_FIELD = re.compile(
    r"学会|緩和|ケア|医療|医学|がん|患者|看護|病|講座|セミナー|講演|研修|学術|大会|会員|事務局|お知らせ|参加|開催|公開|動画|論文|研究|ガイドライン|委員|受付|申込|登録|配信|ポスター|会場|募集|アンケート|栄養|食事|食べられ|上映|対談|行います|いたします|ご案内|お申|お待ち|いただ|ください"
)
_SHARES_WORDS = {"instagram": {"threads", "x", "facebook"}, "x": {"bluesky", "threads"}}
_NEAR = 2


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Mentions by the committee's list; private tone; words that belong to another channel."""
    for mention in reading.mentions:
        yield from _mention(mention, lexicon.registry.accounts)
    yield from look_up("J23", reading, lexicon)
    yield from _everyday(reading)
    yield from _other_channel(reading)


def _everyday(reading: Reading) -> Iterator[Found]:
    match = _EVERYDAY.search(reading.words)
    if match and not _FIELD.search(reading.words):
        reason = (
            f"「{reading.quote(*match.span())}」など、個人の投稿のようです。"
            "アカウントを取り違えていないか、ご確認ください。"
        )
        yield Found(
            match.start(),
            match.end(),
            reason,
            "個人の内容であれば、この下書きを使わないでください。",
        )


def _mention(mention: Piece, allowed: frozenset[str]) -> Iterator[Found]:
    name = mention.text.lower()
    if name in allowed:
        return
    near = min(allowed, key=lambda right: DamerauLevenshtein.distance(name, right), default="")
    if near and DamerauLevenshtein.distance(name, near) <= _NEAR and len(near) > 4:
        reason = f"「@{mention.text}」は、名簿の「@{near}」に似た別のアカウントです。"
        yield Found(mention.start, mention.end, reason, f"「@{near}」ではありませんか。")
        return
    reason = f"「@{mention.text}」は、名前を挙げてよいアカウントの名簿にありません。"
    suggestion = "相手が正しいか確かめ、必要なら名簿に加えるか、団体名で書いてください。"
    yield Found(mention.start, mention.end, reason, suggestion)


def _other_channel(reading: Reading) -> Iterator[Found]:
    channel = reading.draft.channel.lower()
    yield from _names_another(reading, channel)
    for home, pattern in _ELSEWHERE:
        match = pattern.search(reading.words)
        if not match or not channel or channel == home or channel in _SHARES_WORDS.get(home, ()):
            continue
        reason = (
            f"「{reading.quote(*match.span())}」は、ほかの媒体（{home}）の言い方です。"
            "投稿先をご確認ください。"
        )
        yield Found(
            match.start(),
            match.end(),
            reason,
            "この媒体に合う言い方に直してください。",
            Severity.INFO,
        )


def _names_another(reading: Reading, channel: str) -> Iterator[Found]:
    """このLINEアカウント, in a post for X."""
    for match in _NAMES_CHANNEL.finditer(reading.words):
        name = match["name"].lower()
        if channel and _CHANNELS.get(name, name) != channel:
            reason = f"「{match[0]}」とありますが、投稿先は{channel}です。"
            suggestion = "投稿先のアカウントが正しいか、ご確認ください。"
            yield Found(match.start(), match.end(), reason, suggestion)

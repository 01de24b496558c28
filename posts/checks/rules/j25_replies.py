"""J25: replies, quotes and reposts, and words that ask for or promise a reply (§4(1), §5(2)(7))."""

import re
from collections.abc import Iterator

from posts.checks.draft import Found, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_REPLY_START = re.compile(r"\s*[.]?[@＠][A-Za-z0-9_.-]+")
_REPOST = re.compile(
    r"(?:^|[\s\n])(?:RT|QT|MT|RP)[\s:]*[@＠]|(?:^|\n)\s*(?:RT|QT|Re)\s?[:：]|引用(?:RT|リツイート|リポスト|ポスト|投稿)|(?:^|\n)\s?(?:>>?|≫|＞＞?)\s?[^\s=]|(?:^|\n)(?:リプ(?:ライ)?|返信)\s?[:：]|(?:投稿|ポスト|ツイート)を引用して|【引用】|>>[0-9]+",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"(?:ご?(?:質問|コメント|意見|指摘|返信|リプライ|リプ|メッセージ|DM|お問い合わせ))(?:を(?:いただ|お寄せいただ|頂)き?)?(?:、)?(?:どうも)?(?:誠に)?ありがとうございま(?:す|した)[。!、]?[^。\n]{0,30}(?:お答え|回答|返信|おっしゃ|ご指摘の|についてです|ですが)"
    r"|(?:ご質問|お尋ね|お問い合わせ|コメント|DM)(?:の件|いただいた(?:件|内容|ご質問)?)?(?:に(?:ついて)?|へ(?:の)?)(?:お答え|回答|ご返信|返信|お返事)(?:し|いた|です|を)"
    r"|[@＠]?[一-龥ぁ-んァ-ヶA-Za-z0-9_]{1,12}(?:さん|様)(?:、|へ)[^。\n]{0,6}(?:ご?(?:返信|リプライ|リプ|コメント|質問)ありがとう)|(?:コメント|リプライ|DM)(?:へ|に対する|に対して)の?(?:ご?回答|ご?返信|お返事|お答え)"
    r"|(?:いいね」?|リポスト|フォロー|RT)[^。\n]{0,14}(?:くれた|した|いただいた|くださった)(?:方|人)(?:に|へ)[^。\n]{0,10}(?:回答|返信|返し|プレゼント)"
    r"|[(](?:コメント|DM|リプ(?:ライ)?)(?:欄)?(?:より|から)[)]|(?:おっしゃる|ご指摘の)とおり(?:です|でございます)",
    re.IGNORECASE,
)
_INVITE = re.compile(
    r"(?:ご?(?:質問|意見|感想|相談|連絡|返信|お問い合わせ|要望|応募|申し?込み?|リクエスト|不明な?点))(?:等|など)?(?:が(?:あれば|ありましたら|ございましたら))?(?:は|を|も)?、?[^。\n]{0,12}(?:DM|ダイレクト(?:メッセージ|メール)|コメント(?:欄)?|リプ(?:ライ)?|返信|メッセージ|引用)(?:に|で|にて|へ|から|まで|欄)"
    r"|(?:DM|ダイレクト(?:メッセージ|メール)|リプ(?:ライ)?|コメント(?:欄)?)(?:に|で|にて|へ|から|まで|を)?(?:お気軽に|どしどし|ぜひ|お待ち|ください|お送り|送って|お寄せ|ご連絡|お問い合わせ|ご?質問|ご相談|ご?応募|お申し込み|お願い)"
    r"|(?:コメント|DM|リプライ|返信|メッセージ)(?:に|へ)?(?:は|には)?(?:すべて|全て|必ず|順次|随時|個別に)?(?:お返事|お答え|ご?返信|ご?回答)(?:し|いたし|させて)"
    r"|(?:DM|ダイレクト(?:メッセージ|メール)|リプ(?:ライ)?|コメント(?:欄)?|メッセージ)(?:で|にて)[^。、\n]{0,8}(?:お返事|お答え|返信|回答|ご?案内|ご?説明|お送り|お知らせ|ご?連絡)(?:し|いたし|させて|を)"
    r"|(?:DM|リプ(?:ライ)?|コメント(?:欄)?)(?:に|で|へ)[^。\n]{0,16}(?:書いて|書き込|記入し|送って|投稿して|入れて|教えて|残して)"
    r"|(?:DM|メッセージ)(?:を)?(?:解放|開放|受付中|お待ちして)|フォロー(?:&|と|＆|して)[^。\n]{0,10}(?:リプ|コメント|引用|リポスト|RT)",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"できません|いたしません|しておりません|行って(?:い|おり)ません|お控え|ご遠慮|いたしかね|返信しない|対応しておりません|対応していません|受け付けて(?:い|おり)ません|お答えできません|ではなく|お受けできません|パブリックコメント|(?:お寄せ|お送り)いただ(?:い|き)"
)
_STATUS = re.compile(
    r"(?:x|twitter)\.com/(?P<who>[A-Za-z0-9_]+)/status/|bsky\.app/profile/(?P<who2>[^/]+)/post/|threads\.(?:net|com)/@(?P<who3>[^/]+)/post|/@(?P<who4>[A-Za-z0-9_]+(?:@[A-Za-z0-9.]+)?)/[0-9]{10,}",
    re.IGNORECASE,
)


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """The form of a reply or quote, the tone of an answer, and the promise of one."""
    start = _REPLY_START.match(reading.plain)
    if start:
        first = start.end() - len(start[0].strip())
        reason = (
            f"「{start[0].strip()}」で始まる投稿は、返信として扱われます。返信は行わない方針です。"
        )
        yield Found(first, start.end(), reason, "宛先から始めず、お知らせとして書いてください。")
    for pattern, what in ((_REPOST, "引用・リポスト・返信の形"), (_ANSWER, "個別の返信")):
        for match in pattern.finditer(reading.plain):
            begin, end = _stripped(reading.plain, match)
            reason = (
                f"「{reading.quote(begin, end)}」は{what}です。方針により、基本的に行いません。"
            )
            yield Found(
                begin,
                end,
                reason,
                "学会からのお知らせの形に書き直すか、例外の理由を記録してください。",
            )
    yield from _invitations(reading)
    yield from _quoted_posts(reading, lexicon)


def _stripped(plain: str, match: re.Match[str]) -> tuple[int, int]:
    start, end = match.span()
    while start < end - 1 and plain[start].isspace():
        start += 1
    return start, end


def _invitations(reading: Reading) -> Iterator[Found]:
    for match in _INVITE.finditer(reading.words):
        first, last = reading.sentence_at(match.start())
        if _NOT.search(reading.words, first, last):
            continue
        reason = (
            f"「{reading.quote(*match.span())}」とありますが、コメントやDMには返信しない方針です。"
        )
        yield Found(
            match.start(),
            match.end(),
            reason,
            "「お問い合わせフォームをご利用ください」と案内してください。",
        )


def _quoted_posts(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    for link in reading.links:
        match = _STATUS.search(link.url)
        if match is None:
            continue
        who = next(name for name in match.groups() if name)
        severity = Severity.WARN if who.lower() in lexicon.registry.accounts else None
        reason = f"「{link.url}」は「{who}」の投稿への引用になります。引用は基本的に行いません。"
        yield Found(
            link.start,
            link.end,
            reason,
            "引用が必要なときは、例外の理由を記録してください。",
            severity,
        )

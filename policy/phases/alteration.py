"""ス: words given out as the society's own that are not what the post says."""

from collections.abc import Iterator
from functools import lru_cache

import re2

from policy.criteria import Criterion
from policy.ruleset import CompiledRuleSet

from .finding import Finding
from .subject import Subject

_RULE = "phase:alteration"

_CLAIM = re2.compile(
    r"学会(?:公式)?(?:の|が|から)?(?:この|今日)?(?:投稿|発表|告知|お知らせ|説明文?|動画|声明|要望書|発信|広報|サイト|注意|案内|募集文|募集|調査|文|全文|報告書|"
    r"夏の案内|ポスター|ロゴ|新デザイン)?(?:文)?(?:より|から(?:の)?(?:引用|転載|抜粋|写)|を(?:そのまま)?(?:転載|写|引用|要約)|の写し|そのまま|によると|では|に「|「|『|[::])|"
    r"(?:公式|学会)(?:さん)?(?:の)?(?:投稿|発表|動画|アカウント|サイト|訂正|カード|発信|お知らせ|x)?(?:より|から(?:の)?(?:引用|案内|抜粋)|によると|の注意点|のとおり)|"
    r"(?:概要欄|説明文|説明欄|字幕|本文|投稿|画像|原文|声明|告知文?|抄録|要約|スライド|ポスター|カード|パンフ|手引き|報告書|文字起こし)(?:の末尾)?(?:より|から(?:の)?(?:引用|転載)|の?(?:引用|まま|ママ|文を直)|を(?:そのまま|全文)|「|】「|に(?:そう|「)|」?→?:)|"
    r"より(?:引用|転載|抜粋)|以下、?引用|引用しておき|引用です|原文(?:ママ|まま|のまま)|(?:説明文|全文)(?:ママ|まま|転記|転載)|発表そのまま|そのまま(?:→|転載|写|の文)|全文(?:転(?:記|載)|コピー)|転載↑|転載します|"
    r"[(（―-]\s?(?:一社|特非|npo法人)?日本緩和医療学会(?:[^)）、0-9]{0,16})(?:[)）]|$)|[(（](?:学会(?:公式)?(?:より|発表|の[^)）]{0,10}))[)）]|学会がこう|(?:って|と)(?:学会|公式)(?:自身)?が|学会が(?:認め|今日?発表|発表|正式に)|"
    r"※(?:学会|公式)[^。]{0,10}|(?:変更|訂正|お詫び|延長)のお知らせ|【(?:公式)?(?:訂正|お詫び|締切延長|速報|変更)|のとおり訂正|に変更(?:と|に)な|新役員発表|広報委員会$|が決まりました↓|に(?:作り変えて|直しました|差し替え)"
)
_FIGURE = re2.compile(
    r"[0-9][0-9,.]*\s?(?:円|名|人|日|月|年|時|分|%|割|か月|週間|件|施設|題|点|講義|回|巻|倍|ページ)?"
)
_QUOTE = re2.compile(r"[「『]([^「」『』]{6,300})[」』]")

_OVERLAP = (
    0.28  # share of the comment's letter pairs that stand in the post: it is about it word by word
)
_LIKE_A_NOTICE = 0.42  # without a claim: nearly the post itself, with other figures
_VERBATIM = 0.93
_SMALLEST = 12
_MOST_FIGURES = 8


def judge(subject: Subject, rules: CompiledRuleSet) -> Iterator[Finding]:
    """Compares what claims to be the society's text with the post it stands under."""
    del rules
    post, text = subject.folded_post, subject.folded.text
    if len(post) < _SMALLEST or len(text) < _SMALLEST:
        return
    known = _pieces(post)
    text = _without_true_quotes(text, known)
    claim, overlap = _CLAIM.search(text), _share(text, known)
    changed = _changed_figures(text, post) if overlap >= _OVERLAP * 0.7 else []
    if claim is not None:
        yield from _claimed(subject, text, claim.span(), known)
    if changed and overlap >= (_OVERLAP if claim is not None else _LIKE_A_NOTICE):
        yield from _figures(subject, changed, sure=claim is not None or len(changed) > 1)


def _claimed(
    subject: Subject, text: str, span: tuple[int, int], known: frozenset[str]
) -> Iterator[Finding]:
    quote = _QUOTE.search(text, span[0])
    words = quote.group(1) if quote is not None else text[: span[0]] + " " + text[span[1] :]
    share = _share(words, known)
    if share >= _VERBATIM:
        return
    score = 0.6 if quote is not None or share >= _OVERLAP / 2 else 0.4
    start, end = subject.folded.span(*span)
    why = "学会の言葉として示されていますが、投稿の文と異なります"
    yield Finding(Criterion.ALTERATION, score, start, end, why, f"{_RULE}:claim")
    if quote is not None:
        start, end = subject.folded.span(*quote.span())
        why = "学会の言葉として引かれていますが、投稿にない文です"
        yield Finding(Criterion.ALTERATION, 0.1, start, end, why, f"{_RULE}:quote")


def _figures(subject: Subject, changed: list[tuple[int, int]], *, sure: bool) -> Iterator[Finding]:
    for span in changed[:_MOST_FIGURES]:
        start, end = subject.folded.span(*span)
        why = "投稿の文に似た文の中にある、投稿にない数字や日付です"
        yield Finding(
            Criterion.ALTERATION, 0.6 if sure else 0.5, start, end, why, f"{_RULE}:figures"
        )


def _changed_figures(text: str, post: str) -> list[tuple[int, int]]:
    """Figures with two or more characters whose digits the post does not have."""
    known = {_digits(match.group()) for match in _FIGURE.finditer(post)}
    return [
        match.span()
        for match in _FIGURE.finditer(text)
        if len(match.group()) > 1 and _digits(match.group()) not in known
    ]


def _digits(figure: str) -> str:
    return "".join(char for char in figure if char.isdigit())


def _without_true_quotes(text: str, known: frozenset[str]) -> str:
    """The text with word-for-word quotations blanked out; offsets stay."""
    for match in _QUOTE.finditer(text):
        if _share(match.group(1), known) >= _VERBATIM:
            start, end = match.span()
            text = text[:start] + " " * (end - start) + text[end:]
    return text


def _share(text: str, known: frozenset[str]) -> float:
    """Share of the text's pieces of three letters that the post has too."""
    pieces = [text[i : i + 3] for i in range(len(text) - 2) if text[i : i + 3].strip()]
    return sum(piece in known for piece in pieces) / len(pieces) if pieces else 0.0


@lru_cache(maxsize=512)
def _pieces(post: str) -> frozenset[str]:
    return frozenset(post[i : i + 3] for i in range(len(post) - 2))

"""J28: emoji and decoration that screen readers spell out one by one."""

import re
from collections.abc import Iterator

from posts.checks.draft import Found, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3|[\U0001f300-\U0001faff\u2600-\u2604\u2607-\u263f\u2642-\u27bf\u2b1b-\u2b55\u231a-\u23ff\u3030\u303d\u3297\u3299]"
    "[\ufe0f\U0001f3fb-\U0001f3ff]*(?:\u200d[\U0001f300-\U0001faff\u2600-\u27bf][\ufe0f\U0001f3fb-\U0001f3ff]*)*)"
)
_PLAIN_SIGNS = frozenset("☎☏★☆♪♫♬♩♭♯✓✔✉✂✈✏❶❷❸❹❺❻❼❽❾❿⬛⬜☑☐☒⚫⚪◯▶◀➡⬅⬆⬇➤➢➔✦✧❖✕✖✗✘〰〽㊗㊙♀♂♠♥♦♣❝❞⏎")
_FANCY = re.compile(
    "[\U0001d400-\U0001d7ff\U0001f130-\U0001f169\U0001f170-\U0001f189\u24b6-\u24e9\ua730-"
    "\ua731\u1d00-\u1d2b\u02b0-\u02b8\u1d2c-\u1d6a\u1d43-\u1d5b]{2,}(?:[ ]?[\U0001d400-"
    "\U0001d7ff\U0001f130-\U0001f189]+)*|[\U0001d400-\U0001d7ff]"
)
_COMBINED = re.compile(
    "(?:.[\u0300-\u036f\u0488\u0489\u20d0-\u20e2\u20e4-\u20ff]){2,}|.[\u0300-\u036f]{2,}"
)
_RULE = re.compile(
    r"(?P<sign>[━─═＝=\-ー―＊*◆◇■□●○☆★♪♡♥❤✧✦・･.…~～〜_＿▼▽▲△♦]){1}(?P=sign){9,}|(?:[☆★◇◆♪♡"
    r"✧✦*＊。・ﾟ゜]{2,}[ 　]?){3,}|(?:[☆★◇◆■□♪]{2}[━─]?){4,}"
)
_FACE = re.compile(
    r"[(（][^()（）\s一-龥ぁ-んァ-ヶA-Za-z0-9]{0,2}[´｀`^＾・･;；T＞≧°ﾟ゜￣>ω●◕][^()（）\s"
    r"一-龥ぁ-んA-Za-z0-9]{0,4}[`｀´^＾・･;；T＜≦°ﾟ゜￣<ω●◕][^()（）\s一-龥ぁ-んA-Za-z0-9]{"
    r"0,3}[)）][ノﾉ／/♪!b]?|m\(_ _\)m|m[(（]__[)）]m|orz|＼\([^()\n]{1,8}\)／"
)
_SPACED = re.compile(
    r"(?:[一-龥ぁ-んァ-ヶー] ){4,}[一-龥ぁ-んァ-ヶー]|(?:[一-龥ぁ-んァ-ヶー]　){4,}[一-龥ぁ"
    r"-んァ-ヶー]"
)
_RUN, _MANY, _FEW, _DENSE = 3, 8, 4, 0.08
_LOUD = re.compile(
    r"[!！]{3,}|[?？]{3,}|[!！?？]{4,}|[♪♡♥❤☆★]{3,}|w{4,}|(?:[‼⁉❗❕❓❔]\ufe0f?){2,}|(?<=[ぁ-んァ-ヶ一-龥])[〜～ー]{4,}"
)


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Emoji by number and run; letters dressed up; rules, faces, spaced-out words."""
    del lexicon
    yield from _emoji(reading)
    text = reading.text
    for pattern, what, mend, severity in (
        (
            _FANCY,
            "装飾のための特殊な文字",
            "ふつうの文字で書いてください。読み上げられません。",
            None,
        ),
        (_COMBINED, "飾りを重ねた文字", "ふつうの文字で書いてください。", None),
        (_FACE, "顔文字", "顔文字を外してください。読み上げでは記号が並びます。", None),
        (
            _SPACED,
            "一文字ずつ空けた言葉",
            "空白を取ってください。読み上げで一字ずつ読まれます。",
            None,
        ),
        (_LOUD, "重ねた記号", "一つにしてください。", None),
        (
            _RULE,
            "飾りの線",
            "短くするか、空行に替えてください。読み上げで一つずつ読まれることがあります。",
            Severity.INFO,
        ),
    ):
        match = pattern.search(text)
        if match:
            shown = reading.quote(*match.span())
            yield Found(match.start(), match.end(), f"「{shown}」は{what}です。", mend, severity)


def _emoji(reading: Reading) -> Iterator[Found]:
    found = [m for m in _EMOJI.finditer(reading.text) if m[0][0] not in _PLAIN_SIGNS]
    if not found:
        return
    run = _longest_run(found)
    count = len(found)
    if len(run) >= _RUN:
        start, end = run[0].start(), run[-1].end()
        reason = (
            f"「{reading.quote(start, end)}」と絵文字が{len(run)}個続いています。"
            "読み上げで一つずつ読まれます。"
        )
        yield Found(start, end, reason, "一つか二つに減らしてください。")
    elif count > _MANY or (count >= _FEW and count / max(len(reading.text), 1) > _DENSE):
        start, end = found[0].start(), found[-1].end()
        reason = (
            f"絵文字が{count}個あります。読み上げで一つずつ読まれ、内容が聞き取りにくくなります。"
        )
        yield Found(start, end, reason, "見出しの印など、必要なものだけに減らしてください。")


def _longest_run(found: list[re.Match[str]]) -> list[re.Match[str]]:
    best: list[re.Match[str]] = []
    run: list[re.Match[str]] = []
    for match in found:
        run = [*run, match] if run and match.start() - run[-1].end() <= 1 else [match]
        best = run if len(run) > len(best) else best
    return best

"""J12: characters that other machines show wrongly, read aloud wrongly, or not at all."""

import re
import unicodedata
from collections.abc import Iterator

from posts.checks.draft import Found, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_VOICED = (
    "[\u304b-\u304f\u3051\u3053\u3055-\u3059\u305b\u305d\u305f\u3061\u3064\u3066\u3068\u306f-"
    "\u307d\u30ab-\u30af\u30b1\u30b3-\u30bd\u30bf\u30c1\u30c4\u30c6\u30c8\u30cf-\u30dd\u30a6"
    "\u3046]"
)
_CLASSES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    (
        "丸付き数字",
        "「1.」「(1)」のように書いてください。",
        re.compile("[\u2460-\u2473\u24ea\u24eb-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf]+"),
    ),
    (
        "丸や括弧の付いた文字",
        "ふつうの文字と括弧で書いてください。",
        re.compile(
            "[\u2474-\u24b5\u24b6-\u24e9\u3200-\u321e\u3220-\u3247\u3280-\u32b0\u32d0-\u32fe]+"
        ),
    ),
    (
        "ローマ数字の一文字",
        "アルファベットの I・V・X か、算用数字で書いてください。",
        re.compile("[\u2160-\u2188]+"),
    ),
    (
        "組文字・単位記号",
        "「株式会社」「cm」「mg」「No.」のように、ふつうの文字で書いてください。",
        re.compile("[\u3300-\u33ff\u32ff\u2116\u2121\u213b\u33cb]+"),
    ),
    (
        "半角カナ",
        "全角のカタカナで書いてください。",
        re.compile("[\uff66-\uff9d][\uff66-\uff9f]*|[\uff61-\uff65]"),
    ),
    (
        "分かれた濁点",
        "文字を入力し直してください（貼り付けた文字が分解されています）。",
        re.compile(f"{_VOICED}[\u3099\u309a]"),
    ),
    (
        "見えない文字",
        "この文字を消してください。",
        re.compile(
            "[\u200b\u2060\u2061-\u2064\ufeff\u00ad\u180e\u115f\u1160\u3164\uffa0]+|(?<![\u200d\U0001f000-\U0001faff\u2600-\u27bf\ufe0f])\u200d|\u200c|[\u2028\u2029\u0085\u000b\u000c]"
        ),
    ),
    (
        "文字の向きを変える制御文字",
        "この文字を消してください（表示の順番が変わります）。",
        re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]+"),
    ),
    (
        "制御文字",
        "この文字を消してください。",
        re.compile("[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f]+"),
    ),
    (
        "外字（私用領域）",
        "ふつうの文字に置き換えてください。",
        re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]+"),
    ),
    (
        "文字化け",
        "もとの文字に直してください。",
        re.compile(
            "\ufffd+|[\ud800-\udfff]+|縺[\u0000-\uffff]|繧[\u0000-\uffff]|ã[\u0080-\u00bf]|â€"
        ),
    ),
    (
        "互換漢字・部首",
        "同じ読みのふつうの漢字を入力し直してください。",
        re.compile(
            "[\uf900-\ufa0d\ufa10\ufa12\ufa15-\ufa1e\ufa20\ufa22\ufa25\ufa26\ufa2a-\ufaff\u2e80-\u2fdf\U0002f800-\U0002fa1f]+"
        ),
    ),
    (
        "合字・特殊な記号",
        "ふつうの文字で書いてください。",
        re.compile(
            "[\ufb00-\ufb06\u00bc-\u00be\u2150-\u215f\u2189\u3036\u303c\u309f\u30ff\u33e0-\u33fe\u2100\u2101\u2105\u2106]+"
        ),
    ),
)
# Letters beyond JIS X 0208 that are right in a name (Windows' IBM and NEC extensions, 吉 with 土).
_NAME_LETTERS = re.compile("[髙﨑濵德𠮷栁瀨緖槪彅]")
_MOST_SHOWN = 8


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """One finding per kind, at its first place, naming all that were found."""
    del lexicon
    for name, mend, pattern in _CLASSES:
        matches = list(pattern.finditer(reading.text))
        if matches:
            first = matches[0]
            shown = dict.fromkeys(_shown(match[0]) for match in matches)
            listed = "".join(f"「{sign}」" for sign in list(shown)[:_MOST_SHOWN])
            more = f"など{len(matches)}か所" if len(matches) > 1 else ""
            reason = f"{listed}{more}は{name}です。機種によって正しく表示・読み上げされません。"
            yield Found(first.start(), first.end(), reason, mend)
    yield from _names(reading)


def _shown(signs: str) -> str:
    """Visible characters as they are, invisible ones by their code."""
    if all(
        sign.isprintable() and unicodedata.category(sign) not in {"Cf", "Co", "Cs"}
        for sign in signs
    ):
        return signs[:6]
    return "".join(f"U+{ord(sign):04X}" for sign in signs[:2])


def _names(reading: Reading) -> Iterator[Found]:
    for match in _NAME_LETTERS.finditer(reading.text):
        reason = f"「{match[0]}」は機種によって表示できないことがある字です。"
        suggestion = "お名前の正しい字であればこのままで構いません。ご本人の希望をご確認ください。"
        yield Found(match.start(), match.end(), reason, suggestion, Severity.INFO)
        return

"""サ: a display name that looks like the society, its officers, or a body acting for it."""

from collections.abc import Iterator

import re2

from policy.criteria import Criterion
from policy.normalise import Folded
from policy.ruleset import CompiledRuleSet

from .finding import AUTHOR_NAME, TEXT, Finding
from .lexicon import match_groups
from .subject import Subject

_RULE = "phase:impersonation"

# Old and look-alike characters that stand in for those of the society's name.
_ALIKE = str.maketrans("學會曰囗醫瘵疗", "学会日口医療療")
_SOCIETY = re2.compile(
    r"日[本木夲夭]?緩和[医匡]療学[会公]|緩和[医匡]療学会|j[s5]pm|"
    r"palliative medicine japan|緩和医療の学会"
)
_OFFICE = re2.compile(
    r"公式|本物|事務局|理事長?|会長|広報|サポート|窓口|スタッフ|運営|デスク|委員会?|係|担当|受付|センター|ヘルプ|会費|選挙管理|支部|"
    r"official|support|admin|staff|help"
)
_BODY = re2.compile(
    r"(?:学術大会|研修会?|指導者研修|認定(?:委員会|医)|専門医|遺族(?:調査|会)|調査|アンケート|選挙|投票|義援金|助成|試験|市民講座|抽選|厚生労働省|"
    r"動画サイト|システム|本人確認|アカウント|会員ページ|会員|学会|セキュリティ|医療支援課|合同wg|人生会議)"
    r"[^。]{0,12}(?:事務局|運営|委員会|係|センター|窓口|サポート|受付|公式|担当|監査室|推進室|連絡員|監修医|委員長|認証)|厚生労働省|入国管理|警察|消防庁"
)
_PERSON = re2.compile(
    r"(?:理事|会長|委員|講演者|座長|講師|院長|大会長|教授|先生)(?:[】\])」]|本人|の秘書)|選考委員長|公認|(?:動画|中)の(?:中の)?人|本人[】\])]|[ぁ-んァ-ヶ一-龥]{2,6}本人$|【本物】|\(本物\)"
)
_HONEST = re2.compile(
    r"非公式|ファン|応援|勝手に|まとめ|ニュース|速報|bot|会員(?:です|の娘|の息子|の家族|[0-9]|歴)|見守り隊|学会員|元|もと|unofficial|fan|コピペ|転載|学会情報|より|好き|[0-9]+年目"
)
_ASKS = (
    "公式を装う手続き",
    "送金をだまし取る",
    "入力させる項目",
    "役職や団体を名乗る",
    "連絡先への誘い",
    "入力させるリンク",
    "偽造や不正な証明",
    "偽の警告",
)


def judge(subject: Subject, rules: CompiledRuleSet) -> Iterator[Finding]:
    """Findings on the display name; a name alone weighs less than a name that also asks."""
    name = subject.folded_name
    plain = name.text.translate(_ALIKE).replace(" ", "")
    if not plain or _HONEST.search(plain) is not None:
        return
    matches = match_groups(subject, rules)
    asks = any(matches.has(group) for group in _ASKS)
    society, body = _SOCIETY.search(plain), _BODY.search(plain)
    if society is not None:
        strong = _OFFICE.search(plain) is not None or asks or plain == society.group()
        yield _on_name(
            name, society.group(), 0.85 if strong else 0.45, "学会の名前に見える表示名です"
        )
        yield from _signed(subject)
    elif body is not None:
        yield _on_name(name, body.group(), 0.6 if asks else 0.3, "公の窓口に見える表示名です")
    person = _PERSON.search(plain)
    if person is not None:
        score = 0.6 if asks else 0.35
        yield _on_name(name, person.group(), score, "役職者や本人を名乗る表示名です")


def _signed(subject: Subject) -> Iterator[Finding]:
    """The society's name in the text too: where the claim stands."""
    match = _SOCIETY.search(subject.folded.text.translate(_ALIKE))
    if match is not None:
        start, end = subject.folded.span(*match.span())
        why = "本文でも学会を名乗っています"
        yield Finding(Criterion.IMPERSONATION, 0.2, start, end, why, f"{_RULE}:text", TEXT)


def _on_name(name: Folded, found: str, score: float, why: str) -> Finding:
    """The whole display name: letters were replaced, so that parts of it cannot be pointed at."""
    start, end = name.span(0, len(name.text))
    return Finding(
        Criterion.IMPERSONATION, score, start, end, f"{why}（「{found}」）", _RULE, AUTHOR_NAME
    )

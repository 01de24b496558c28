"""The checks in order: what each is called, how much it weighs, and which policy section it serves.

The order is that of the findings. Where a check gives no severity of its own to a place, the one
here holds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .draft import Found, Severity
from .lexicon import Lexicon
from .reading import Reading
from .rules import (
    j01_weekdays,
    j02_when,
    j03_clock,
    j04_superlatives,
    j05_advertising,
    j07_patients,
    j08_claims,
    j09_sources,
    j10_rights,
    j11_sponsors,
    j12_characters,
    j15_plainness,
    j16_links,
    j17_contacts,
    j18_names,
    j19_embargo,
    j20_length,
    j21_hashtags,
    j22_alternatives,
    j23_accounts,
    j24_repetition,
    j25_replies,
    j26_neutrality,
    j27_leftovers,
    j28_decoration,
)
from .rules.dictionary import dictionary

Look = Callable[[Reading, Lexicon], Iterable[Found]]
BLOCK, WARN = Severity.BLOCK, Severity.WARN


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of the catalogue. `section` is where the policy asks for it."""

    id: str
    name: str
    severity: Severity
    section: str
    look: Look


CATALOGUE: tuple[Check, ...] = (
    Check("J01", "日付と曜日", BLOCK, "1(2)", j01_weekdays.look),
    Check("J02", "過ぎた日・合わない日", BLOCK, "1(2)", j02_when.look),
    Check("J03", "ない日付・時刻", BLOCK, "1(2)", j03_clock.look),
    Check("J04", "絶対・最上級の表現", WARN, "3(1)", j04_superlatives.look),
    Check("J05", "医療広告で避ける表現", WARN, "3(1)", j05_advertising.look),
    Check("J06", "個別の医療相談・助言", BLOCK, "1", dictionary("J06")),
    Check("J07", "患者さんの特定", BLOCK, "3(1)", j07_patients.look),
    Check("J08", "出典のない数字・主張", BLOCK, "1(1)", j08_claims.look),
    Check("J09", "出典の鮮度・撤回", WARN, "1(1)", j09_sources.look),
    Check("J10", "画像などの権利", BLOCK, "6", j10_rights.look),
    Check("J11", "広告・提供の明示", BLOCK, "3(1)", j11_sponsors.look),
    Check("J12", "機種依存文字", WARN, "3(1)", j12_characters.look),
    Check("J13", "古い・差別的な言葉", WARN, "3(1)", dictionary("J13")),
    Check("J14", "緩和ケアの言葉", WARN, "1(4)", dictionary("J14")),
    Check("J15", "読みやすさ", WARN, "1(4)", j15_plainness.look),
    Check("J16", "リンク", BLOCK, "3(1)", j16_links.look),
    Check("J17", "電話・住所・メール", WARN, "3(1)", j17_contacts.look),
    Check("J18", "名前・役職・会場", WARN, "3(1)", j18_names.look),
    Check("J19", "解禁前の公開", BLOCK, "3(1)", j19_embargo.look),
    Check("J20", "長さ・省略位置", BLOCK, "3(1)", j20_length.look),
    Check("J21", "ハッシュタグ", WARN, "5(8)", j21_hashtags.look),
    Check("J22", "代替テキスト", BLOCK, "3(1)", j22_alternatives.look),
    Check("J23", "宛先・アカウント", BLOCK, "5(8)", j23_accounts.look),
    Check("J24", "同じ内容の繰り返し", WARN, "3(3)", j24_repetition.look),
    Check("J25", "返信・引用・リポスト", BLOCK, "5(2)", j25_replies.look),
    Check("J26", "政治・宗教・営利", WARN, "3(1)", j26_neutrality.look),
    Check("J27", "書きかけ・直し忘れ", BLOCK, "3(1)", j27_leftovers.look),
    Check("J28", "絵文字・飾り文字", WARN, "3(1)", j28_decoration.look),
)

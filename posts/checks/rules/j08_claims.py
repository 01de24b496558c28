"""J08: figures and findings that point to no source card."""

import re
from collections.abc import Iterator

from posts.checks.draft import Found, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_SHARE = re.compile(
    r"(?:約|およそ|ほぼ)?\s?[0-9]{1,6}(?:\.[0-9]{1,6})?\s?(?:%|パーセント|ポイント(?:上昇|低下|増|減|高|低))(?:以上|超|程度|近く|弱|強)?"
    r"|(?:約|およそ|ほぼ)?\s?(?:[0-9]{1,6}(?:\.[0-9]{1,6})?|[一二三四五六七八九])割(?![引り合当])(?:以上|超|近く|弱|強)?"
    r"|(?:約|およそ)?\s?(?:[0-9,]{1,12}|[一二三四五六七八九十百]+)\s?人(?:中|のうち|に)\s?(?:約)?(?:[0-9,]{1,12}|[一二三四五六七八九十])\s?人(?:以上)?"
    r"|(?:[一二三四五六七八九十]|[0-9]{1,6})分の(?:[一二三四五六七八九十]|[0-9]{1,6})(?:以上|が|の(?:患者|人|方|遺族))"
    r"|[0-9]{1,6}/[0-9]{1,6}(?:の(?:患者|人|方)|人(?:が|で))|[一二三四五六七八九十]{1,3}(?:・[一二三四五六七八九])?パーセント|(?:約|ほぼ|およそ)?半数(?:以上|近く|を超え|が|は|の(?:患者|方|人|遺族))|過半数|半分(?:以上|以下|近く|に(?:な|減)|の(?:患者|人|方)|が)|(?:半減|倍増|激減|急増)(?:し|する|が)"
)
_TIMES = re.compile(
    r"(?:約|およそ)?\s?(?:[0-9]{1,6}(?:\.[0-9]{1,6})?|[二三四五六七八九十百]{1,3})\s?倍(?:以上|近く)?(?:に|の(?:効果|リスク|差|確率|速さ|数|人)|も|高|多|長|増|リスク|速|、|。|です)"
)
_STATISTIC = re.compile(
    r"\bp\s?[<=＜≤]\s?0?\.[0-9]{1,6}|(?:ハザード|オッズ|リスク|相対リスク|罹患率)比|\b(?:HR|OR|RR)\s?[=:]?\s?[0-9]{1,6}\.[0-9]{1,6}|95\s?%\s?(?:信頼区間|CI)|有意(?:に|な|差)"
    r"|(?:生存期間|余命|在院日数|予後)(?:の)?中央値|中央値(?:は|が)?\s?[0-9]|平均(?:値)?(?:は|が|で)?\s?(?:約)?[0-9]{1,6}(?:\.[0-9]{1,6})?\s?(?:日|か月|ヶ月|カ月|年|点|%|歳)",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?:年間|毎年|全国(?:で|に)?|国内(?:で|に)?|世界(?:で|に)?|日本(?:で|に)は?|推計|推定|およそ|約)[^。\n、0-9]{0,10}[0-9][0-9,.]{0,12}\s?(?:万|億|千)?\s?[0-9,]{0,12}\s?(?:万|億|千)?人(?:以上|超|近く)?(?:の(?:方|人|患者|がん|子)|が|に(?:上|のぼ|達)|を超|と(?:推計|推定|され|言われ|いわれ))"
    r"|(?:患者(?:数|さん)?|死亡(?:数|者)?|罹患(?:数|者)?|がん(?:患者)?|利用者数|遺族|高齢者)[^。\n0-9]{0,10}(?:約|およそ)?\s?[0-9][0-9,.]{0,12}\s?(?:万|億|千)?\s?人(?:以上|超|近く)?"
    r"|(?:全国|国内|日本)(?:に|には|で)[^。\n0-9]{0,6}(?:約|およそ)?[0-9][0-9,]{0,12}\s?(?:施設|か所|カ所|病院|病棟)(?:以上|を超え|あり|が|に)"
)
_FACILITIES = re.compile(
    r"[0-9][0-9,]{0,12}\s?(?:施設|病院|病棟|床)(?:に|まで)(?:増|減|達|のぼ)"
    r"|(?:緩和ケア病棟|ホスピス|拠点病院|緩和ケアチーム)[^。\n0-9]{0,8}[0-9][0-9,]{0,12}\s?(?:施設|か所|病院|床)"
)
_MORE = re.compile(
    r"(?:[0-9]{1,6}(?:\.[0-9]{1,6})?\s?(?:年|か月|ヶ月|カ月|ヵ月|週間|日|点))(?:も|以上)?(?:延長|延び|長(?:く|い|生き)|短縮|短(?:く|い)|改善|低下|減少|上昇|早(?:く|まり))"
    r"|(?:死亡率|生存率|罹患率|発生率|発症率|再入院率|利用率|在宅看取り率|有病率)(?:は|が|を|も)[^。\n]{0,12}(?:低下|上昇|減少|増加|下が|上が|下げ|改善|高く|低く|[0-9])"
)
_FINDING = re.compile(
    r"(?:延び|延長|高ま|高く|下が|低く|改善|良くな|よくな|和ら|減[りる少]|増え)[^。\n]{0,8}(?:こと|の)が"
    r"(?:わか|分か|明らか|示され|証明|報告)|"
    r"(?:最新の?)?(?:研究|調査|試験|論文|データ|統計|エビデンス|解析|疫学|報告|文献|ランダム化比較試験|RCT|メタ解析|レビュー|先行研究)(?:結果|成果|報告)?(?:によると|によれば|では|から|で|により|は|が|において(?:は)?)[^。\n]{0,60}?"
    r"(?:示され|示し|明らか|分か[りっ]|わか[りっ]|判明|報告され(?:て|ま)|報告し|確認され|証明|裏付け|立証|認められ(?:て|ま)|知られて)"
    r"|(?:科学的|医学的)に(?:証明|実証|立証|裏付け|認められ)|(?:有効性|効果|有用性)(?:が|は)[^。\n]{0,12}(?:示され|証明|実証|確認され|立証|認められ|報告され|明らか)"
    r"|最新の(?:研究|調査|論文|データ|統計|エビデンス|試験)(?:結果|成果)?(?:によると|によれば|では|から|で(?:は|、|わ|分|明)|が示)"
)
_NEWEST = re.compile(
    r"最新の?(?:知見|エビデンス|データ|統計|研究(?:成果|結果)?|論文|治療成績|調査(?:結果)?)(?!会)"
)
# What is new may be the subject of a lecture, a film or an issue: nothing is claimed then.
_IS_A_TOPIC = re.compile(
    r"セミナー|講座|講演|講義|研修|大会|集会|シンポジウム|学べ|学ぶ|学び|動画|ご覧|号|版|プログラム"
    r"|特集|テーマ|勉強会|交流|共有|情報交換|発表|募集|演題|議論|取り上げ|ニュースレター|会員|サイト"
)
_EFFECT = re.compile(
    r"(?:痛み|苦痛|症状|呼吸困難|息苦しさ|倦怠感|だるさ|不安|うつ|抑うつ|せん妄|不眠|吐き気|食欲不振|QOL|生活の質|予後|生存期間|再発)(?:を|が|の)[^。\n]{0,14}"
    r"(?:軽減|改善|緩和|減少|予防|抑制|低下|延長|向上|短縮)(?:する効果|させる効果|する(?:こと|の)が(?:示|分|わ|明|報)|に(?:有効|効果的)|効果が(?:あり|高)|しました|することが)"
    r"|(?:リスク|死亡|再発)(?:を|が)[^。\n]{0,8}(?:下げ|減ら|減り|下が|低減|半減|高ま|高め)(?:ます|る(?:こと|効果)|ました)"
)
_KINDS = (
    (_SHARE, "割合"),
    (_TIMES, "倍率"),
    (_STATISTIC, "統計の値"),
    (_COUNT, "人数"),
    (_FACILITIES, "施設の数"),
    (_MORE, "数値"),
)
_FINDINGS = ((_EFFECT, "効果"), (_FINDING, "研究や調査の結果"))
# Percentages that claim nothing about the world.
_NO_CLAIM = re.compile(
    r"割引|オフ|OFF|引き|税|キャンセル料|手数料|還元|充電|音量|出席|視聴(?:した|され|で|時間|率が)|受講|正答|合格(?:基準|点|ライン|となり|です)|達成(?:基準|目標)|会費|参加費|回答率|"
    r"以上の(?:出席|視聴|受講|正答|得点)|完全予約|オンライン|会場で|か所で開|再生紙|植物性|湿度|降水確率|濃度|消毒|エタノール|アルコール|食塩水|リドカイン|ブドウ糖|倍率(?:は|の(?:画像|拡大))|拡大|ズーム|再生速度|倍速"
)
_OWN = re.compile(
    r"(?:定員|先着|募集人数|募集人員|収容|座席|残席|参加者|受講者|来場者|登録者|フォロワー|会員|応募|演題|視聴者|申込者|代議員|委員)[^。\n]{0,8}$"
)
_LIKELY_HUNDRED = re.compile(r"^100\s?%")
_SOURCE_IN_TEXT = re.compile(
    r"出典|出所|引用元|文献|参考(?:文献|資料)|https?://doi|doi[:：.]|調べ[)）]|より作成|より引用|[（(][^()（）\n]{0,30}(?:19|20)[0-9]{2}[)）]",
    re.IGNORECASE,
)
_MEND = "根拠とした論文や公的な統計を、出典カード（DOIまたはURL）に登録してください。"


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Nothing is said where the draft has a source card."""
    del lexicon
    if any(source.url or source.doi for source in reading.draft.sources):
        return
    severity = Severity.WARN if _SOURCE_IN_TEXT.search(reading.plain) else None
    taken: list[tuple[int, int]] = []
    for pattern, kind in (*_KINDS, *_FINDINGS):
        for match in pattern.finditer(reading.words):
            start, end = _stripped(reading, match)
            if any(s < end and start < e for s, e in taken) or not _claims(reading, start, end):
                continue
            taken.append((start, end))
            yield _found(reading, start, end, kind, severity)
    if not taken and not _IS_A_TOPIC.search(reading.words):
        for match in _NEWEST.finditer(reading.words):
            reason = f"「{reading.quote(*match.span())}」に、出典の登録がありません。"
            yield Found(*match.span(), reason, _MEND, Severity.WARN)


def _stripped(reading: Reading, match: re.Match[str]) -> tuple[int, int]:
    start, end = match.span()
    while start < end and reading.words[start].isspace():
        start += 1
    while end > start and reading.words[end - 1] in "、。 ":
        end -= 1
    return start, end


def _claims(reading: Reading, start: int, end: int) -> bool:
    first, last = reading.sentence_at(start)
    if _NO_CLAIM.search(reading.words, max(first, start - 16), min(last, end + 12)):
        return False
    return _OWN.search(reading.words[max(first, start - 16) : start]) is None


def _found(reading: Reading, start: int, end: int, kind: str, severity: Severity | None) -> Found:
    reason = f"「{reading.quote(start, end)}」という{kind}に、出典の登録がありません。"
    if severity is not None:
        reason = (
            f"「{reading.quote(start, end)}」の出典は本文にありますが、"
            "出典カードに登録されていません。"
        )
    return Found(start, end, reason, _MEND, severity)

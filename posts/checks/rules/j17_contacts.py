"""J17: telephone, fax, postcode and mail addresses that cannot be right."""

import re
from collections.abc import Iterator

from rapidfuzz.distance import DamerauLevenshtein

from posts.checks.draft import Found, Severity
from posts.checks.lexicon import Lexicon, Registry
from posts.checks.reading import Reading

_LABELLED = re.compile(
    r"(?:TEL|Tel|tel|電話(?:番号)?|FAX|Fax|fax|ファクス|ファックス|フリーダイヤル|℡|☎️?|📞|"
    r"📠|ダイヤル)\s?(?:番号)?[】\])]?\s?[:./は]?\s?(?P<number>[(]?\+?[0-9][0-9() "
    r"\-ー~・.]{5,20}[0-9])"
)
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z./-])(?P<number>(?:\(0[0-9]{1,4}\)\s?|0[0-9]{1,4}[-(ー ])[0-9]{1,6}[-)"
    r"ー ][0-9]{3,6})(?![0-9-])"
)
_POST = re.compile(r"〒\s?(?P<code>[0-9ー-]{4,12})")
_FULL, _HALF = re.compile(r"[０-９]"), re.compile(r"[0-9]")
_MAIL_FULL = re.compile(
    r"[A-Za-z0-9._-]+＠[A-Za-z0-9.-]+|[Ａ-Ｚａ-ｚ０-９．]+[@＠][Ａ-Ｚａ-ｚA-Za-z0-9．.]+"
)
_MAIL_LABELLED = re.compile(
    r"(?:E-?mail|メール(?:アドレス)?|連絡先|Mail|mail)\s?[】\])]?\s?[:は]\s?(?P<mail>[A-Za-"
    r"z0-9._%+-]+[A-Za-z0-9._%+@,;・ -]*)"
)
_MAIL_OK = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._%+-]*[A-Za-z0-9_%+-])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_TOP_LEVEL = re.compile(
    r"jp|com|org|net|info|edu|gov|int|biz|co|me|io|asia|tokyo|osaka|kyoto|app|dev|eu|uk|us|de|fr"
    r"|au|kr|cn|tw|ca|nz|ch"
)
_THREE = frozenset(("090", "080", "070", "050", "020", "060"))
_NEAR = 2


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Numbers by their length and grouping, then against the society's own."""
    registry = lexicon.registry
    yield from _phones(reading, registry)
    yield from _postcodes(reading, registry)
    yield from _mail(reading, registry)


def _phones(reading: Reading, registry: Registry) -> Iterator[Found]:
    done: list[tuple[int, int]] = []
    for pattern in (_LABELLED, _NUMBER):
        for match in pattern.finditer(reading.words):
            start, end = match.span("number")
            if any(s < end and start < e for s, e in done):
                continue
            done.append((start, end))
            yield from _phone(reading, start, end, registry)


def _phone(reading: Reading, start: int, end: int, registry: Registry) -> Iterator[Found]:
    written = reading.text[start:end]
    digits = re.sub(r"[^0-9]", "", reading.words[start:end])
    if reading.words[start] == "+":
        digits = "0" + digits.removeprefix("81").removeprefix("0")
    wrong = _wrong_number(digits, re.findall(r"[0-9]+", reading.words[start:end]))
    if wrong:
        yield Found(start, end, f"電話番号「{written}」は{wrong}。", "番号をご確認ください。")
    elif _FULL.search(written) and _HALF.search(written):
        yield Found(
            start,
            end,
            f"電話番号「{written}」は、全角と半角の数字が混ざっています。",
            "半角数字にそろえてください。",
        )
    elif _FULL.search(written):
        yield Found(
            start,
            end,
            f"電話番号「{written}」が全角で、押してもかけられません。",
            "半角数字にしてください。",
            Severity.INFO,
        )
    else:
        near = _near_miss(digits, registry.phones)
        if near:
            yield Found(
                start,
                end,
                f"電話番号「{written}」は、学会の番号（{near}）と1〜2桁違います。",
                f"「{near}」ではありませんか。",
            )


def _wrong_number(digits: str, groups: list[str]) -> str:
    """Why it cannot be a number that can be called in Japan; "" when it can."""
    if not digits.startswith("0"):
        return "市外局番がありません" if len(digits) >= 8 else "桁数が足りません"
    expected = 11 if digits[:3] in _THREE or digits.startswith("0800") else 10
    if len(digits) != expected:
        return f"数字が{len(digits)}桁です（{expected}桁のはずです）"
    if digits[:4] in {"0120", "0570", "0800"} or digits[:3] in _THREE:
        return ""
    if digits[1] == "0":
        return "使われていない市外局番です"
    return _wrong_grouping(digits, groups)


def _wrong_grouping(digits: str, groups: list[str]) -> str:
    first = groups[0] if groups else ""
    if len(groups) >= 3 and len(first) == 2 and first not in {"03", "04", "06", "81"}:
        return f"市外局番「{first}」はありません"
    if digits[:2] in {"03", "06"} and len(groups) >= 3 and first not in {digits[:2], "81"}:
        return f"区切りが合いません（市外局番は{digits[:2]}です）"
    return ""


def _near_miss(digits: str, known: tuple[str, ...]) -> str:
    for number in known:
        right = re.sub(r"[^0-9]", "", number)
        if (
            0 < DamerauLevenshtein.distance(digits, right, score_cutoff=_NEAR) <= _NEAR
            and digits[:2] == right[:2]
        ):
            return number
    return ""


def _postcodes(reading: Reading, registry: Registry) -> Iterator[Found]:
    for match in _POST.finditer(reading.words):
        start, end = match.span()
        written = reading.text[start:end]
        code = match["code"].replace("ー", "-").strip("-")
        if not re.fullmatch(r"[0-9]{3}-?[0-9]{4}", code):
            yield Found(
                start,
                end,
                f"郵便番号「{written}」は、3桁と4桁の形になっていません。",
                "「〒123-4567」の形でご確認ください。",
            )
        elif "-" not in code:
            yield Found(
                start,
                end,
                f"郵便番号「{written}」にハイフンがなく、読み違えやすくなっています。",
                f"「〒{code[:3]}-{code[3:]}」の形にしてください。",
            )
        elif _FULL.search(written) and _HALF.search(written):
            yield Found(
                start,
                end,
                f"郵便番号「{written}」は、全角と半角の数字が混ざっています。",
                "半角数字にそろえてください。",
            )
        else:
            near = _near_miss(re.sub(r"[^0-9]", "", code), registry.postcodes)
            if near:
                yield Found(
                    start,
                    end,
                    f"郵便番号「{written}」は、学会の番号（{near}）と違います。",
                    f"「{near}」ではありませんか。",
                )


def _mail(reading: Reading, registry: Registry) -> Iterator[Found]:
    done: list[tuple[int, int]] = []
    for match in _MAIL_FULL.finditer(reading.text):
        done.append(match.span())
        yield Found(
            *match.span(),
            f"メールアドレス「{match[0]}」に全角の文字が入っています。",
            "半角で書いてください。",
        )
    for piece in reading.mail:
        if any(s < piece.end and piece.start < e for s, e in done):
            continue
        done.append((piece.start, piece.end))
        yield from _address(piece.start, piece.end, piece.text, registry)
    for match in _MAIL_LABELLED.finditer(reading.plain):
        start, end = match.span("mail")
        written = match["mail"].rstrip()
        if any(s < end and start < e for s, e in done) or "." not in written:
            continue
        if "@" not in written and re.search(r"\.(?:jp|com|org|net)$", written):
            yield Found(
                start,
                start + len(written),
                f"メールアドレス「{written}」に「@」がありません。",
                "アドレスをご確認ください。",
            )


def _address(start: int, end: int, mail: str, registry: Registry) -> Iterator[Found]:
    if not _MAIL_OK.fullmatch(mail) or ".." in mail:
        yield Found(
            start,
            end,
            f"メールアドレス「{mail}」は、形が正しくありません。",
            "アドレスをご確認ください。",
        )
        return
    domain = mail.rpartition("@")[2].lower()
    if not _TOP_LEVEL.fullmatch(domain.rpartition(".")[2]):
        yield Found(
            start,
            end,
            f"メールアドレス「{mail}」の末尾「.{domain.rpartition('.')[2]}」が見慣れない形です。",
            "アドレスをご確認ください。",
        )
        return
    own = registry.own_domain
    if domain != own and not domain.endswith("." + own):
        name = own.partition(".")[0]
        near = DamerauLevenshtein.distance(domain, own, score_cutoff=_NEAR) <= _NEAR
        if (near and abs(len(domain) - len(own)) <= 1) or domain.split(".")[0] == name:
            yield Found(
                start,
                end,
                f"メールアドレス「{mail}」のドメインは、本学会の「{own}」と違います。",
                f"「@{own}」ではありませんか。",
            )
            return
    for right in registry.mail:
        if (
            0
            < DamerauLevenshtein.distance(mail.lower(), right.lower(), score_cutoff=_NEAR)
            <= _NEAR
        ):
            yield Found(
                start,
                end,
                f"メールアドレス「{mail}」は、学会の「{right}」と違います。",
                f"「{right}」ではありませんか。",
            )

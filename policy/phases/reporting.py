"""Finds the stretches in which a writer repeats what others said, instead of saying it."""

import re2

# Folded text. Quotation followed closely by a verb of saying, hearing, believing or refusing.
_VERBS = (
    r"(?:言われ|いわれ|言って|言っ|言う|いう|言い|呼ば|聞い|聞か|聞き|書かれ|書いて|書き込|思い込|思っ|断られ|笑われ|"
    r"怒鳴|罵|なじ|陰口|噂|うわさ|デマ|誤解|偏見|勧め|誘われ|勧誘|来た|届い|声|投稿|コメント|言葉|"
    r"叫ば|送られ|迫られ|脅|信じ|疑われ|返され|吐き捨て|耳に|目に)"
)
_ENDS_OF_QUOTES = frozenset('」』"”')
_QUOTED = re2.compile(
    rf"[「『\"“][^「」『』\"“”]{{1,200}}[」』\"”](?:と|って|とか|なんて|みたい|など|だ|の|を|は|が|系)?[^。\n「]{{0,14}}?{_VERBS}"
)
_SAYING = (
    r"(?:と|って|とか|なんて|みたいに|みたいな|呼ばわり|よばわり|扱い|っていう|という)[^。、!?\n]{0,6}"
    r"(?:言われ|いわれ|言いふらされ|書かれ|笑われ|怒鳴られ|罵られ|脅され|差別され|断られ|聞かされ|聞か(?:れ|さ)|"
    r"し(?:て(?:き|く|、|点)|た(?:り|ん))|言ってくる|言い張|言って聞|言う人|いう人|思い込|思って(?:い|た|ま)|思うて|誤解|騙され|だまされ|勧められ|すすめられ|"
    r"誘われ|勧誘され|書いてあ|書き込まれ|噂|うわさ|デマ|偏見|先入観|され(?:た|て|ま)|迷信|決めつけ)"
)
_SAYING_AT_ALL = re2.compile(_SAYING)
_UNQUOTED = re2.compile(r"[^。!?\n「」]{2,60}?" + _SAYING)


def reported_spans(folded_text: str) -> list[tuple[int, int]]:
    """Start and end of each reported stretch, in folded characters."""
    # What the patterns cannot do without is looked for first: they are slow by their long gaps.
    quoted = _QUOTED.finditer(folded_text) if _ENDS_OF_QUOTES & set(folded_text) else ()
    unquoted = _UNQUOTED.finditer(folded_text) if _SAYING_AT_ALL.search(folded_text) else ()
    return [match.span() for match in (*quoted, *unquoted)]

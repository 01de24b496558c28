"""J26: politics, elections, religion, selling; and cheer on a day of mourning."""

import re
from collections.abc import Iterator

from posts.checks.draft import Found
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading
from posts.checks.terms import look_up

_MOURNING = re.compile(
    r"訃報|逝去|お悔やみ|ご冥福|哀悼|追悼|(?:地震|津波|豪雨|台風|大雨|災害|噴火|火災|事故|水害)[^。\n]{0,16}(?:被害|被災|お見舞い|犠牲|発生し|亡くな|死者|死亡|行方不明)|被災(?:された|地|者)"
)
_CHEER = re.compile(
    r"[🎉🎊🥳✨🎈🥂🍻🎂🌟😆😄😁🤣😂💃🕺🎵🎶🙌]+|おめでとう|ハッピー|やったー?|わーい|お祝い|お楽しみに|楽しみ(?:ですね|にして)|ワクワク|わくわく|(?:!|！){2,}|盛り上が|パーティー?|祭り|キャンペーン|プレゼント"
)
_PLAIN_CHEER = re.compile(
    r"[🎉🎊🥳🎈🥂🍻🎂😆😄😁🤣😂💃🕺]+|おめでとう|ハッピー|わーい|ワクワク|わくわく|(?:!|！){2,}|盛り上が|パーティー|キャンペーン|プレゼント"
)


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """The dictionary, then the tone on days and in news that call for restraint."""
    yield from look_up("J26", reading, lexicon)
    mourning = _MOURNING.search(reading.plain)
    cheer = _CHEER.search(reading.plain)
    if mourning and cheer:
        reason = (
            f"「{reading.quote(*mourning.span())}」"
            f"を伝える投稿に「{reading.quote(*cheer.span())}」があり、場に合いません。"
        )
        yield Found(cheer.start(), cheer.end(), reason, "明るい絵文字や言葉を外してください。")
        return
    day = reading.publishes_on
    name = lexicon.registry.sensitive_days.get((day.month, day.day))
    cheer = _PLAIN_CHEER.search(reading.plain)
    if name and cheer and not (day.month == 1 and day.day == 1):
        reason = (
            f"公開日は{name}です。「{reading.quote(*cheer.span())}」は控えめにする配慮が要ります。"
        )
        yield Found(
            cheer.start(), cheer.end(), reason, "言葉を控えめにするか、別の日に移してください。"
        )

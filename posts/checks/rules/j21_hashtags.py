"""J21: hashtags that do not work, swallow the sentence, or mean something else elsewhere."""

import re
from collections.abc import Iterator

from posts.checks.draft import Found
from posts.checks.language.links import Piece
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

# What the platforms take into a hashtag: letters, digits, the low line, and a few marks.
_BODY = re.compile(r"[\w・·〜～ー々〆\u200d]*")
_ENDS_SENTENCE = re.compile(
    r"(?:です|ます|ました|ください|下さい|でしょう|ません)[。!！]?$|(?:について|に関する|のお知らせ|を開催|が開催|へのご参加).{3,}"
)
_LONGEST = 24  # letters that a reader takes in as one word
_SPLIT_BY_MARK = re.compile(r"[、,!！?？/／+＋&＆.．][^\s#＃。]{1,8}")
_SPLITS = re.compile(r"^[-‐–−'’.&/:+]")


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Each tag: does it hold, stand free, and mean what we mean."""
    joined: set[int] = set()
    tags = reading.tags
    for index, tag in enumerate(tags):
        body = _BODY.match(tag.text[1:])
        name = body[0] if body else ""
        whole = len(name) + 1 == len(tag.text)
        if whole and index + 1 < len(tags) and tags[index + 1].start == tag.end:
            joined.add(tags[index + 1].start)
            yield _joined(reading, tag, tags[index + 1])
        yield from _holds(reading, tag, name, follows=tag.start in joined)
        meaning = lexicon.registry.tags.get(name.lower())
        if meaning:
            reason = f"「#{name}」は、{meaning}でも広く使われています。"
            yield Found(
                tag.start,
                tag.start + 1 + len(name),
                reason,
                "略さない言葉（例：#緩和ケア）にしてください。",
            )


def _joined(reading: Reading, tag: Piece, following: Piece) -> Found:
    reason = (
        f"「{reading.quote(tag.start, following.end)}」は、ハッシュタグがつながっていて働きません。"
    )
    return Found(tag.start, following.end, reason, "ハッシュタグの間に半角の空白を入れてください。")


def _holds(reading: Reading, tag: Piece, name: str, *, follows: bool) -> Iterator[Found]:
    end = tag.start + 1 + len(name)
    rest = tag.text[1 + len(name) :]
    if not name:
        if _is_number_sign(reading, tag):
            return
        shown = reading.quote(tag.start, min(tag.end, tag.start + 8))
        yield Found(
            tag.start,
            min(tag.end, tag.start + 2),
            f"「{shown}」は、#の後に言葉がなく、ハッシュタグになりません。",
            "#の直後に言葉を書いてください（空白や記号を入れません）。",
        )
    elif name.isdigit():
        yield Found(
            tag.start,
            end,
            f"「{tag.text[: 1 + len(name)]}」は数字だけなので、ハッシュタグになりません。",
            "文字を加えてください（例：#緩和ケア2026）。",
        )
    elif _SPLITS.match(rest) and len(rest) > 1 and rest[1].isalnum():
        yield Found(
            tag.start,
            tag.end,
            f"「{reading.quote(tag.start, tag.end)}」は、記号の前の「#{name}」までで切れます。",
            "記号を除くか、「_」に替えてください。",
        )
    elif _SPLIT_BY_MARK.fullmatch(rest):
        shown = reading.quote(tag.start, tag.end)
        yield Found(
            tag.start,
            tag.end,
            f"「{shown}」は、「{rest[0]}」の前の「#{name}」までで切れます。",
            "記号を使わず一つの言葉にするか、空白で区切ってください。",
        )
    elif _ENDS_SENTENCE.search(name) or len(name) > _LONGEST:
        yield Found(
            tag.start,
            end,
            f"「{reading.quote(tag.start, end)}」は、文がそのままハッシュタグになっています。",
            "ハッシュタグの後に半角の空白を入れてください。",
        )
    elif not follows and _stuck(reading, tag):
        yield Found(
            tag.start,
            end,
            f"「{reading.quote(max(0, tag.start - 4), end)}」は、"
            "前の文字とつながっていてハッシュタグになりません。",
            "#の前に半角の空白を入れてください。",
        )


def _is_number_sign(reading: Reading, tag: Piece) -> bool:
    """C#, or a # between other signs: no tag was meant."""
    return (
        tag.start > 0
        and reading.text[tag.start - 1].isascii()
        and reading.text[tag.start - 1].isalnum()
    )


def _stuck(reading: Reading, tag: Piece) -> bool:
    before = reading.text[tag.start - 1] if tag.start else " "
    return before.isalnum() or before in "ー々&"

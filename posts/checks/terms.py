"""Looks the committee's terms up in a text. Several checks are nothing but their dictionary."""

import re
from collections.abc import Iterator

from .draft import Found, Severity
from .lexicon import Lexicon, Term, find
from .reading import Reading

# The text speaks about the word: 「痴呆」という言葉, かつて…と呼ばれていた.
_ABOUT_THE_WORD = re.compile(
    r"という(?:言葉|表現|用語|呼び方|呼称|言い方|語|イメージ|誤解|病名|名称)|と(?:も)?呼ばれて(?:い|き)|旧称|(?:に|へと?)改(?:め|称)|言い換え|呼称変更|改称"
    r"|用語の|ことば選び|言葉の(?:意味|選び|使い)|かつては?「|以前は「|から「|ではなく、?「|に代わ|の名称"
)
_QUOTES = (("「", "」"), ("『", "』"), ("“", "”"), ('"', '"'))
_MOST = 10  # places per term


def look_up(check: str, reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Every place where a term of `check` counts."""
    taken: list[tuple[int, int]] = []
    for term in lexicon.candidates(check, reading.words):
        for start, end in _places(term, reading):
            if any(first < end and start < last for first, last in taken):
                continue  # an earlier row said it already
            taken.append((start, end))
            yield found_of(term, reading, start, end)


def found_of(
    term: Term, reading: Reading, start: int, end: int, severity: Severity | None = None
) -> Found:
    """The term's reason with the author's own words in it."""
    reason = term.reason.replace("{found}", reading.quote(start, end))
    return Found(start, end, reason, _suggestion(term), severity or term.severity)


def _suggestion(term: Term) -> str:
    if not term.instead or term.instead.endswith("。"):
        return term.instead or "別の言い方ができないか、ご検討ください。"
    return f"「{term.instead}」への書き換えをご検討ください。"


def _places(term: Term, reading: Reading) -> Iterator[tuple[int, int]]:
    shown = 0
    for start, end in find(term.pattern, reading.words):
        if shown < _MOST and _counts(term, reading, start, end):
            shown += 1
            yield start, end


def _counts(term: Term, reading: Reading, start: int, end: int) -> bool:
    first, last = reading.sentence_at(start)
    sentence = reading.words[first : max(last, end)]
    if term.inside is not None and _covered(term, sentence, start - first, end - first):
        return False
    if term.unless is not None and any(find(term.unless, sentence)):
        return False
    if term.only_with is not None and not any(find(term.only_with, sentence)):
        return False
    return not (term.mention_ok and _about_the_word(reading, start, end, sentence))


def _covered(term: Term, sentence: str, start: int, end: int) -> bool:
    places = find(term.inside, sentence)
    return any(first <= start and end <= last for first, last in places)


def _about_the_word(reading: Reading, start: int, end: int, sentence: str) -> bool:
    quoted = any(
        reading.plain.rfind(opened, max(0, start - 30), start) >= 0
        and reading.plain.find(closed, end, end + 30) >= 0
        for opened, closed in _QUOTES
    )
    return quoted and _ABOUT_THE_WORD.search(sentence) is not None

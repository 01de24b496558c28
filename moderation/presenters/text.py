"""Hostile text, cut into pieces that a template can show: evidence marked, nothing lost."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypedDict

from policy.criteria import Criterion, Signal

EXCERPT = 140  # characters in a list
LONG = 1_200  # characters beyond which the page scrolls the text in a box


class Segment(TypedDict):
    text: str
    mark: bool
    label: str
    why: str


def tag_label(tag: str) -> str:
    """Return 'エ 誹謗中傷' for a criterion, '見守り' for a signal."""
    if tag in Criterion.values:
        return f"{tag} {Criterion(tag).label}"
    return str(Signal(tag).label) if tag in Signal.values else tag


def segments(text: str, evidence: Iterable[Mapping[str, Any]]) -> list[Segment]:
    """Cut `text` at every evidence boundary. The pieces together are the whole text.

    Where evidence overlaps, the piece carries all of its labels and reasons. Offsets outside
    the text are clipped: an old judgement must not break a page.
    """
    spans = [
        (max(0, int(e["start"])), min(len(text), int(e["end"])), e["criterion"], e["why"])
        for e in evidence
    ]
    spans = [span for span in spans if span[0] < span[1]]
    cuts = sorted({0, len(text), *(s[0] for s in spans), *(s[1] for s in spans)})
    pieces = []
    for start, end in pairwise(cuts):
        over = [span for span in spans if span[0] <= start and end <= span[1]]
        pieces.append(_segment(text[start:end], over))
    return pieces


def _segment(text: str, over: Sequence[tuple[int, int, str, str]]) -> Segment:
    labels = dict.fromkeys(tag_label(criterion) for _, _, criterion, _ in over)
    whys = dict.fromkeys(why for _, _, _, why in over)
    return Segment(text=text, mark=bool(over), label="・".join(labels), why=" ".join(whys))


def of_field(evidence: Iterable[Mapping[str, Any]], field: str) -> list[Mapping[str, Any]]:
    """Return the evidence found in this field ('text' or 'author_name')."""
    return [item for item in evidence if item.get("field", "text") == field]


def excerpt(text: str, evidence: Sequence[Mapping[str, Any]]) -> list[Segment]:
    """Return the stretch of a long text around its first evidence, marked."""
    if len(text) <= EXCERPT:
        return segments(text, evidence)
    first = min((int(item["start"]) for item in evidence), default=0)
    start = max(0, min(first - 30, len(text) - EXCERPT))
    shifted = [
        {**item, "start": int(item["start"]) - start, "end": int(item["end"]) - start}
        for item in evidence
    ]
    cut = segments(text[start : start + EXCERPT], shifted)
    blank = Segment(text="…", mark=False, label="", why="")
    head = [blank] if start else []
    tail = [blank] if start + EXCERPT < len(text) else []
    return [*head, *cut, *tail]


def found(text: str, query: str) -> list[Segment]:
    """Mark a searched word where it stands literally."""
    marks: list[dict[str, Any]] = []
    at = text.find(query) if query else -1
    while at >= 0 and len(marks) < 20:
        end = at + len(query)
        marks.append({"start": at, "end": end, "criterion": "検索語", "why": "検索した言葉です"})
        at = text.find(query, end)
    return segments(text, marks)

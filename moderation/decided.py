"""What people decided about comments, as `policy.learning` asks for it. Reads only.

Decisions name grounds and no signals. A comment in which the judgement heard a cry for help or a
request for advice is learned from only where somebody labelled it: 'not stated' would be read as
'not there'.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from moderation.models import CommentRevision, Label
from moderation.past import earlier_texts
from moderation.settled import Settled, settled
from moderation.states import Answer
from policy.criteria import Signal
from policy.phases.subject import Author
from policy.records import Record

AT_ONCE = 500
_ROUTING = frozenset({Signal.DISTRESS, Signal.CONSULTATION})


@dataclass(frozen=True, slots=True)
class Taught:
    """What stands about one revision, by everybody who said something about it."""

    labels: frozenset[str]
    signals: frozenset[str]


class DecidedByPeople:
    """`policy.learning.DecidedComments` over moderation's tables."""

    def by_channel(self) -> Sequence[tuple[str, Sequence[Record]]]:
        """By channel: comments with what people said about them."""
        found: dict[int, list[Record]] = defaultdict(list)
        for channel, record in _records(taught()):
            found[channel].append(record)
        return [(f"channel:{channel}", found[channel]) for channel in sorted(found)]


def taught() -> dict[int, Taught]:
    """By revision: what decisions and labels say together. Where they differ, nothing."""
    decisions = {one.revision: one for one in settled()}
    labels: dict[int, list[Label]] = defaultdict(list)
    for label in Label.objects.select_related("specimen"):
        labels[label.specimen.revision_id].append(label)
    answers = {
        revision: _together(decisions.get(revision), labels[revision])
        for revision in sorted({*decisions, *labels})
    }
    return {revision: answer for revision, answer in answers.items() if answer is not None}


def _together(decision: Settled | None, labels: Sequence[Label]) -> Taught | None:
    if any(label.answer == Answer.UNSURE for label in labels):
        return None
    grounds = {frozenset(label.criteria) for label in labels}
    if decision is not None:
        grounds.add(decision.grounds)
    if len(grounds) != 1:
        return None
    signals = _signals(decision, labels)
    return None if signals is None else Taught(grounds.pop(), signals)


def _signals(decision: Settled | None, labels: Sequence[Label]) -> frozenset[str] | None:
    """What people heard; without their word only that the judgement saw criticism, or nothing."""
    if labels:
        return frozenset(signal for label in labels for signal in label.signals)
    if decision is None or not decision.judged or decision.signals & _ROUTING:
        return None
    return decision.signals


def _records(answers: dict[int, Taught]) -> Iterator[tuple[int, Record]]:
    for ids in _batches(sorted(answers)):
        rows = (
            CommentRevision.objects.filter(pk__in=ids)
            .exclude(text="")
            .select_related("comment__post", "comment__commenter")
            .defer("raw", "comment__bigrams")
            .order_by("pk")
        )
        histories = earlier_texts([row.comment_id for row in rows])
        for row in rows:
            yield row.comment.channel_id, _record(row, answers[row.pk], histories)


def _record(row: CommentRevision, answer: Taught, histories: dict[int, tuple[str, ...]]) -> Record:
    comment = row.comment
    return Record(
        id=f"revision:{row.pk}",
        post_text=comment.post.text,
        author=Author(comment.commenter.key, row.author_name, row.author_handle),
        text=row.text,
        created_at=comment.posted_at,
        labels=answer.labels,
        signals=answer.signals,
        history=histories.get(row.comment_id, ()),
    )


def _batches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE))

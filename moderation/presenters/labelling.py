"""A comment to label, without anything that the judgement or another person said about it."""

from typing import Any

from django.urls import reverse

from moderation.models import Comment, Label, Specimen
from moderation.presenters.comments import card, post_of, words_of
from moderation.presenters.text import tag_label
from moderation.states import Answer
from policy.criteria import Criterion, Signal
from policy.queries import clauses_for

NEEDED = (
    "revision__comment__channel",
    "revision__comment__commenter",
    "revision__comment__post",
)
EARLIER = 3  # comments of the same person before this one: コ cannot be told without them


def specimen(row: Specimen) -> dict[str, Any]:
    """Return what is needed to label it: its words as they were, its post, what came before."""
    comment = row.revision.comment
    shown = card(comment, own_page=False)
    # The words as they were then, and nothing that tells what became of the comment.
    shown |= {"text": row.revision.text, "segments": None, "badges": [], "permalink": ""}
    earlier = Comment.objects.filter(commenter=comment.commenter, posted_at__lt=comment.posted_at)
    newest = earlier.select_related("channel").order_by("-posted_at", "-pk")[:EARLIER]
    return {
        "pk": row.pk,
        "comment": shown,
        "post": post_of(comment),
        "earlier": [{"at": one.posted_at, "text": words_of(one)} for one in newest],
        "clauses": [
            {"code": code, "label": Criterion(code).label, "text": clause.text}
            for code, clause in clauses_for(Criterion.values).items()
        ],
    }


def thanks(label: Label) -> str:
    """Return what is said after a label was given."""
    if Signal.DISTRESS in label.signals:
        return (
            "記録しました。つらい気持ちのサインがあるとのことなので、"
            "見守りの案件として、判断する人に知らせました。"
        )
    if label.answer == Answer.GROUNDS:
        return (
            "記録しました。コメントの表示は変わりません。"
            "表示を止めたほうがよいときは、「直前のラベル」から知らせてください。"
        )
    return "記録しました。"


def last(label: Label) -> dict[str, Any]:
    """Return the label that the person gave last, which they can take back."""
    said = "・".join(tag_label(tag) for tag in (*label.criteria, *label.signals))
    comment = label.specimen.revision.comment_id
    return {
        "said": said or label.get_answer_display(),
        "text": label.specimen.revision.text,
        "at": label.at,
        "withdraw_url": reverse("moderation:withdraw_label", args=[label.pk]),
        "comment_url": reverse("moderation:comment", args=[comment]),
    }

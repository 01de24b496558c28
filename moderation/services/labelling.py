"""A person labels a comment, for measuring and learning. Nothing happens on any platform.

Labels and decisions are two things: a label measures and teaches, only a decision has effects.
The first who labels a comment counts, and can take it back.
"""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from moderation.errors import Overtaken, Refused
from moderation.models import Label, Specimen
from moderation.queries import waiting_specimens
from moderation.services import second_look
from moderation.states import Answer, Purpose
from policy.criteria import Criterion, Signal


@one_write()
def give(
    *,
    actor: User,
    specimen: Specimen,
    answer: Answer,
    criteria: Sequence[Criterion] = (),
    signals: Sequence[Signal] = (),
) -> Label:
    """Label a specimen; the first answer counts.

    Whoever notices a cry for help here has it brought to the care lane, where it is still to be
    read: that is the one thing a label sets in motion, and it is no effect on a platform.

    Raises:
        Refused: the answer contradicts itself, or the person is not asked about this one.
        Overtaken: somebody else has answered.
    """
    _check(actor, specimen, answer, criteria)
    try:
        with transaction.atomic():
            label = Label.objects.create(
                specimen=specimen,
                actor=actor,
                answer=answer,
                criteria=list(criteria) if answer == Answer.GROUNDS else [],
                signals=list(signals),
            )
    except IntegrityError as error:
        raise Overtaken("このコメントには、ほかの人が先にラベルを付けました。") from error
    if Signal.DISTRESS in signals:
        second_look.bring_to_care(actor=actor, comment=specimen.revision.comment)
    record(
        actor=actor,
        verb=Verb.LABEL_GIVEN,
        target=specimen,
        channel=specimen.revision.comment.channel_id,
        clause="・".join(label.criteria),
        details={
            "label": label.pk,
            "comment": specimen.revision.comment_id,
            "purpose": specimen.purpose,
            "answer": answer,
            "signals": label.signals,
        },
    )
    return label


@one_write()
def withdraw(*, actor: User, label: Label) -> None:
    """Take one's own label back; the comment is asked about again.

    Raises:
        Refused: it is somebody else's.
    """
    if label.actor_id != actor.pk:
        raise Refused("取り消せるのは、ご自身が付けたラベルだけです。")
    specimen, number = label.specimen, label.pk
    label.delete()
    record(
        actor=actor,
        verb=Verb.LABEL_WITHDRAWN,
        target=specimen,
        channel=specimen.revision.comment.channel_id,
        details={"label": number, "comment": specimen.revision.comment_id},
    )


def _check(actor: User, specimen: Specimen, answer: Answer, criteria: Sequence[Criterion]) -> None:
    if answer == Answer.GROUNDS and not criteria:
        raise Refused("当てはまる基準を1つ以上選んでください。")
    if answer == Answer.NONE and criteria:
        raise Refused("基準が選ばれています。外すか、「選んだ基準に当てはまる」を選んでください。")
    if not waiting_specimens(Purpose(specimen.purpose), actor).filter(pk=specimen.pk).exists():
        if Label.objects.filter(specimen=specimen).exists():
            raise Overtaken("このコメントには、ほかの人が先にラベルを付けました。")
        raise Refused("ご自身が判断した案件には、もう一人の目としては答えられません。")

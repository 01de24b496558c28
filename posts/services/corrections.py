"""From the report of an error to what is done about it (§7): report, fact check, decision, deed.

Each step is another's to confirm: whoever decides needs somebody else's approval. A correcting
post passes the gate of all posts; a withdrawal goes out as a delivery of its own.
"""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.approvals import services as approvals
from jspm_social.approvals.errors import ApprovalError
from jspm_social.approvals.seats import Slot
from jspm_social.approvals.states import Choice, RequestState
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.states import OperationState
from jspm_social.transitions import IllegalMove, StaleState, move
from posts.content import Content, Variant
from posts.errors import Overtaken, Refused
from posts.models import Correction, Delivery, Post
from posts.payload import digest
from posts.services import drafting
from posts.services.conclude import close
from posts.services.rows import lock
from posts.services.scheduling import wake_if_due
from posts.states import CORRECTION_MOVES, CorrectionState

ANSWER_WITHIN = timedelta(days=3)
ANSWERING = frozenset({Correction.Decision.CORRECT, Correction.Decision.ANNOTATE})
OVERTAKEN = "この報告は、ほかの人が先に進めました。"
BEGINNINGS = {
    Correction.Decision.CORRECT: "【訂正】",
    Correction.Decision.ANNOTATE: "【補足】",
}


@one_write()
def report(*, actor: User, post: Post, told: str) -> Correction:
    """Say that something in a published post is wrong."""
    if not told.strip():
        raise Refused("どこが、どう違うかを書いてください。")
    post = lock(post)
    if not post.deliveries.filter(state=OperationState.DONE).exists():
        raise Refused("まだ公開されていない投稿です。下書きを直してください。")
    made = Correction.objects.create(post=post, told=told, told_by=actor)
    _record(Verb.ERROR_REPORTED, made, actor)
    return made


@one_write()
def check(*, actor: User, correction: Correction, finding: str) -> None:
    """Say what the fact check found. Not by whoever wrote the post."""
    if not finding.strip():
        raise Refused("事実確認の結果を書いてください。")
    if actor.pk == correction.post.created_by_id:
        raise Refused("投稿を書いた人とは別の人が、事実を確認してください。")
    now = timezone.now()
    _move(correction, CorrectionState.CHECKED, finding=finding, checked_by=actor, checked_at=now)
    _record(Verb.ERROR_CHECKED, correction, actor)


@one_write()
def decide(
    *,
    actor: User,
    correction: Correction,
    decision: Correction.Decision,
    public_note: str,
) -> None:
    """Decide what is done about it; another member has to agree.

    Raises:
        Refused: a deed without a note for the public list.
    """
    if decision != Correction.Decision.NOTHING and not public_note.strip():
        raise Refused("公表する文を書いてください。")
    _move(
        correction,
        CorrectionState.DECIDED,
        decision=decision,
        public_note=public_note,
        decided_by=actor,
        decided_at=timezone.now(),
    )
    correction.approval = approvals.open_request(
        actor=actor,
        subject=correction,
        content_hash=content_hash(correction),
        slots=[Slot(Role.MEMBER, 1)],
        contributors=[actor],
        expires_at=timezone.now() + ANSWER_WITHIN,
    )
    correction.save(update_fields=["approval"])
    _record(Verb.ERROR_DECIDED, correction, actor)


@one_write()
def answer(*, actor: User, correction: Correction, agree: bool, note: str = "") -> None:
    """Agree to the decision, and it is carried out; or send it back with a reason."""
    correction = Correction.objects.select_related("post", "approval").get(pk=correction.pk)
    post = lock(correction.post)
    if correction.approval is None or correction.state != CorrectionState.DECIDED:
        raise Overtaken(OVERTAKEN)
    try:
        request = approvals.vote(
            actor=actor,
            request=correction.approval,
            content_hash=content_hash(correction),
            choice=Choice.APPROVE if agree else Choice.REJECT,
            note=note,
        )
    except ApprovalError as error:
        raise Refused(str(error)) from error
    if request.state == RequestState.APPROVED:
        _carry_out(correction, post)
    else:
        _move(correction, CorrectionState.CHECKED, approval=None)
    _record(Verb.ERROR_ANSWERED, correction, actor)


@one_write()
def take_down_expired() -> int:
    """Plan the withdrawal of what has passed the date it was approved to stand until."""
    now = timezone.now()
    found = Delivery.objects.filter(
        post__expires_at__lte=now, state=OperationState.DONE, deed=Delivery.Deed.PUBLISH
    ).exclude(post__deliveries__deed=Delivery.Deed.WITHDRAW)
    posts = sorted(set(found.values_list("post", flat=True)))
    for pk in posts:
        post = lock(Post(pk=pk))
        if withdraw(post, None):
            record(actor=None, verb=Verb.POST_EXPIRED, target=post, details={"state": post.state})
    return len(posts)


def withdraw(post: Post, correction: Correction | None) -> list[Delivery]:
    """Plan one withdrawal per channel where the post stands. Part of the caller's write."""
    standing = post.deliveries.filter(
        deed=Delivery.Deed.PUBLISH, state=OperationState.DONE
    ).exclude(remote_id="")
    planned = []
    for delivery in standing.order_by("pk"):
        others = post.deliveries.filter(
            deed=Delivery.Deed.WITHDRAW, channel=delivery.channel_id
        ).exclude(state=OperationState.CANCELLED)
        if not others.exists():
            planned.append(_withdrawal(delivery, correction))
    return planned


def content_hash(correction: Correction) -> str:
    """What the vote is bound to: this decision on this report, and what the public is told."""
    return digest(
        {
            "correction": correction.pk,
            "told": correction.told,
            "finding": correction.finding,
            "decision": correction.decision,
            "public_note": correction.public_note,
        }
    )


def _carry_out(correction: Correction, post: Post) -> None:
    decision = Correction.Decision(correction.decision)
    if decision == Correction.Decision.NOTHING:
        close(correction)
        return
    _move(correction, CorrectionState.UNDER_WAY)
    if decision in ANSWERING:
        assert correction.decided_by is not None  # noqa: S101 -- decided, so by somebody
        correction.answer = _correcting_post(correction, post, correction.decided_by)
        correction.save(update_fields=["answer"])
    elif not withdraw(post, correction):
        close(correction)  # it stands nowhere any more


def _correcting_post(correction: Correction, post: Post, author: User) -> Post:
    beginning = BEGINNINGS[Correction.Decision(correction.decision)]
    return drafting.begin(
        actor=author,
        title=f"{beginning}{post.title}"[:120],
        purpose=Post.Purpose(post.purpose),
        kind=Post.Kind.CORRECTION,
        content=Content(
            body=f"{beginning}{correction.public_note}",
            link=post.draft.link,
            channels=dict.fromkeys(post.draft.channels, Variant()),
        ),
        corrects=post,
    )


def _withdrawal(standing: Delivery, correction: Correction | None) -> Delivery:
    now = timezone.now()
    planned = Delivery.objects.create(
        post=standing.post,
        submission=standing.submission,
        correction=correction,
        channel=standing.channel,
        deed=Delivery.Deed.WITHDRAW,
        key=uuid.uuid4(),
        payload=standing.payload,
        payload_hash=standing.payload_hash,
        planned_at=now,
        due_at=now,
        remote_id=standing.remote_id,
        permalink=standing.permalink,
    )
    wake_if_due(planned)
    return planned


def _move(correction: Correction, to: CorrectionState, **changes: Any) -> None:
    try:
        move(correction, table=CORRECTION_MOVES, to=to, **changes)
    except (StaleState, IllegalMove) as error:
        raise Overtaken(OVERTAKEN) from error


def _record(verb: Verb, correction: Correction, actor: User) -> None:
    record(
        actor=actor,
        verb=verb,
        target=correction,
        details={
            "post": correction.post_id,
            "state": correction.state,
            "decision": correction.decision,
        },
    )

"""Asking for approval, answering, and what an answer means for the post (§3(1)).

The gate is the shared approvals mechanism: votes are bound to the hash of exactly what each
channel would be sent. Nobody passes it by role, the administrator included.
"""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.approvals import services as approvals
from jspm_social.approvals.errors import ApprovalError
from jspm_social.approvals.states import Choice, RequestState
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.jobs import enqueue
from jspm_social.transitions import move
from policy.queries import policy_in_force
from posts.errors import Overtaken, Refused
from posts.models import Contribution, Post, Submission
from posts.payload import content_hash
from posts.queries import payloads_of
from posts.services import gate
from posts.services.fitness import require_fit
from posts.services.rows import OVERTAKEN, cut_revision, lock
from posts.services.urgent import mark
from posts.states import POST_MOVES, PostState

ANSWER_WITHIN = timedelta(days=7)
MAX_WINDOW = timedelta(days=90)


@one_write()
def submit(
    *,
    actor: User,
    post: Post,
    not_before: datetime,
    not_after: datetime,
    base_version: int,
    answer_by: datetime | None = None,
    urgent_because: str | None = None,
) -> Submission:
    """Put the draft up for approval, to go out at some time between the two.

    With `urgent_because` it takes the fast lane (services.urgent): the chair and one member
    suffice, and everybody is told at once. All else of the gate stays.

    Raises:
        Refused: it does not fit its channels, a blocking finding stands, the window is wrong, or
            it is to be urgent without a reason.
        Overtaken: the draft was changed since it was read.
    """
    post, now = lock(post), timezone.now()
    if post.version != base_version:
        raise Overtaken(OVERTAKEN)
    if PostState.REVIEW not in POST_MOVES[post.state]:
        raise Refused(f"「{post.get_state_display()}」の投稿は、承認を依頼できません。")
    _checkwindow_of(not_before, not_after, now)
    urgent = urgent_because is not None
    if urgent_because is not None and not urgent_because.strip():
        raise Refused("緊急として扱う理由を書いてください。")
    payloads = payloads_of(post)
    require_fit(post, payloads, not_before)
    revision = cut_revision(post, now)
    policy = policy_in_force()
    exact = content_hash(
        payloads,
        window=window_of(not_before, not_after),
        policy_version=str(policy.number),
        urgent=urgent,
    )
    request = approvals.open_request(
        actor=actor,
        subject=post,
        content_hash=exact,
        slots=list(gate.FAST_LANE) if urgent else gate.slots_for(post, payloads),
        contributors=[*_writers(post), actor],
        expires_at=answer_by or now + ANSWER_WITHIN,
        policy_version=str(policy.number),
    )
    submission = Submission.objects.create(
        post=post,
        revision=revision,
        payloads={str(pk): payload.to_json() for pk, payload in payloads.items()},
        not_before=not_before,
        not_after=not_after,
        policy_version=policy,
        event_version=post.event.version if post.event else None,
        content_hash=exact,
        approval=request,
        submitted_by=actor,
        submitted_at=now,
    )
    move(post, table=POST_MOVES, to=PostState.REVIEW)
    enqueue("posts.jobs.send_approval_notices", submission.pk, queue="intake")
    enqueue("posts.jobs.check_links", post.pk, queue="bulk")
    if urgent_because is not None:
        mark(actor=actor, submission=submission, reason=urgent_because)
    _record(Verb.POST_SUBMITTED, post, actor, submission)
    return submission


@one_write()
def answer(
    *, actor: User, post: Post, seen_hash: str, choice: Choice, note: str = ""
) -> Submission:
    """Approve what was seen, or send it back with a reason.

    Raises:
        Refused: no right to, answered already, or the content is no longer what was seen.
    """
    post = lock(post)
    submission = gate.current(post)
    if submission is None or post.state != PostState.REVIEW:
        raise Refused("この投稿は、いま承認待ちではありません。")
    try:
        request = approvals.vote(
            actor=actor,
            request=submission.approval,
            content_hash=seen_hash,
            choice=choice,
            note=note,
        )
    except ApprovalError as error:
        raise Refused(str(error)) from error
    if request.state == RequestState.APPROVED:
        move(post, table=POST_MOVES, to=PostState.APPROVED)
        # Whoever changes it from here on has changed an approved text: they are counted anew.
        Contribution.objects.filter(post=post).delete()
        _record(Verb.POST_APPROVED, post, actor, submission)
    elif request.state == RequestState.REJECTED:
        move(post, table=POST_MOVES, to=PostState.CHANGES)
        _record(Verb.POST_SENT_BACK, post, actor, submission)
    return submission


@one_write()
def recuse(*, actor: User, post: Post, reason: str) -> None:
    """Step aside from the approval under way, for good."""
    submission = gate.current(lock(post))
    if submission is None:
        raise Refused("この投稿は、いま承認待ちではありません。")
    try:
        approvals.recuse(actor=actor, request=submission.approval, reason=reason)
    except ApprovalError as error:
        raise Refused(str(error)) from error


@one_write()
def take_back(*, actor: User, post: Post) -> None:
    """Withdraw the request for approval: the post is a draft again."""
    post = lock(post)
    if post.state != PostState.REVIEW:
        raise Refused("この投稿は、いま承認待ちではありません。")
    gate.void(post, actor, "承認依頼の取り下げ")


@one_write()
def put_back_expired() -> int:
    """Make drafts again of what nobody approved in time. Returns how many."""
    expired = Post.objects.filter(
        state=PostState.REVIEW, submissions__approval__state=RequestState.EXPIRED
    ).exclude(submissions__approval__state=RequestState.OPEN)
    found = 0
    for pk in expired.values_list("pk", flat=True).distinct():
        post = lock(Post(pk=pk))
        if post.state == PostState.REVIEW and gate.current(post) is None:
            move(post, table=POST_MOVES, to=PostState.DRAFT)
            _record(Verb.POST_APPROVAL_EXPIRED, post, None, None)
            found += 1
    return found


def _checkwindow_of(not_before: datetime, not_after: datetime, now: datetime) -> None:
    if not_after <= not_before:
        raise Refused("公開期間の終わりは、初めより後にしてください。")
    if not_after <= now:
        raise Refused("公開期間がすでに過ぎています。")
    if not_after - not_before > MAX_WINDOW:
        raise Refused(f"公開期間は{MAX_WINDOW.days}日以内にしてください。")


def window_of(not_before: datetime, not_after: datetime) -> tuple[str, str]:
    """The window as it enters the hash."""
    return (not_before.astimezone(UTC).isoformat(), not_after.astimezone(UTC).isoformat())


def _writers(post: Post) -> list[User]:
    """Whoever changed it since the last complete approval: they cannot approve it."""
    return [c.person for c in Contribution.objects.filter(post=post).select_related("person")]


def _record(verb: Verb, post: Post, actor: User | None, submission: Submission | None) -> None:
    record(
        actor=actor,
        verb=verb,
        target=post,
        policy_version=str(submission.policy_version.number) if submission else "",
        details={"state": post.state}
        | ({"submission": submission.pk, "hash": submission.content_hash} if submission else {}),
    )

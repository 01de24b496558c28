"""Asking the committee to approve a draft, and answering.

The gate is the shared approvals mechanism: votes are bound to the hash of the whole text with its
day of effect. Nobody who changed the draft may vote, whatever their role.
"""

from datetime import datetime, time, timedelta

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.approvals import services as approvals
from jspm_social.approvals.errors import ApprovalError
from jspm_social.approvals.models import ApprovalRequest
from jspm_social.approvals.queries import latest_for
from jspm_social.approvals.seats import Slot
from jspm_social.approvals.states import Choice, RequestState
from jspm_social.audit.services import one_write
from jspm_social.audit.verbs import Verb
from jspm_social.committee.catalogue import POLICY_CHAIRS, POLICY_MEMBERS, POLICY_REVIEWERS
from jspm_social.committee.queries import number
from jspm_social.jobs import enqueue
from jspm_social.transitions import move
from policy.comparison import Change, comparison
from policy.criteria import Criterion
from policy.errors import Overtaken, Refused
from policy.models import PolicyVersion
from policy.numbering import WITH_HEADING
from policy.queries import clause_code, content_hash, policy_in_force, text_sha256
from policy.services.rows import lock, lock_draft, tell
from policy.states import VERSION_MOVES, VersionState

ANSWER_WITHIN = timedelta(days=14)


@one_write()
def submit(*, actor: User, version: PolicyVersion, seen_hash: str) -> ApprovalRequest:
    """Put the draft up for approval, as it was seen (`queries.content_hash`).

    The answer is due within two weeks and before the day of effect begins: what nobody approved
    by then is a draft again.

    Raises:
        Overtaken: the draft was changed since it was read.
        Refused: it is no draft, or not complete; the message says everything that is missing.
    """
    version = lock_draft(version)
    if content_hash(version) != seen_hash:
        raise Overtaken("内容が変わりました。新しい内容を確認してから、もう一度依頼してください。")
    if missing := unready(version):
        raise Refused(" ".join(missing))
    PolicyVersion.objects.filter(pk=version.pk).update(source_sha256=text_sha256(version))
    request = approvals.open_request(
        actor=actor,
        subject=version,
        content_hash=seen_hash,
        slots=slots(),
        contributors=[*version.contributors.all(), actor],
        expires_at=min(timezone.now() + ANSWER_WITHIN, begins_at(version)),
        policy_version=str(policy_in_force()),
    )
    move(version, table=VERSION_MOVES, to=VersionState.REVIEW)
    enqueue("policy.jobs.send_approval_notices", version.pk, queue="intake")
    tell(Verb.POLICY_SUBMITTED, version, actor, hash=seen_hash)
    return request


@one_write()
def answer(
    *, actor: User, version: PolicyVersion, seen_hash: str, choice: Choice, note: str = ""
) -> PolicyVersion:
    """Approve what was seen, or send it back with a reason.

    Raises:
        Refused: no right to, answered already, or it is not what was seen.
    """
    version, request = _under_review(version)
    try:
        request = approvals.vote(
            actor=actor, request=request, content_hash=seen_hash, choice=choice, note=note
        )
    except ApprovalError as error:
        raise Refused(str(error)) from error
    if request.state == RequestState.APPROVED:
        move(version, table=VERSION_MOVES, to=VersionState.APPROVED)
        tell(Verb.POLICY_APPROVED, version, actor, hash=request.content_hash)
    elif request.state == RequestState.REJECTED:
        move(version, table=VERSION_MOVES, to=VersionState.DRAFT)
        tell(Verb.POLICY_SENT_BACK, version, actor)
    return version


@one_write()
def recuse(*, actor: User, version: PolicyVersion, reason: str) -> None:
    """Step aside from the approval under way, for good.

    Raises:
        Refused: it is not up for approval, no reason is given, or the person has answered.
    """
    _, request = _under_review(version)
    try:
        approvals.recuse(actor=actor, request=request, reason=reason)
    except ApprovalError as error:
        raise Refused(str(error)) from error


@one_write()
def take_back(*, actor: User, version: PolicyVersion) -> None:
    """Make a draft again of what is up for approval, or was approved and is not yet in force.

    Raises:
        Refused: it is neither.
    """
    version = lock(version)
    if version.state not in {VersionState.REVIEW, VersionState.APPROVED}:
        raise Refused(f"「{version.get_state_display()}」の版は、案に戻せません。")
    request = latest_for(version)
    if request is not None and request.state in {RequestState.OPEN, RequestState.APPROVED}:
        approvals.void(actor=actor, request=request, reason="案に戻す")
    move(version, table=VERSION_MOVES, to=VersionState.DRAFT)
    tell(Verb.POLICY_TAKEN_BACK, version, actor)


@one_write()
def put_back_expired() -> int:
    """Make drafts again of what nobody approved in time. Returns how many."""
    found = 0
    for waiting in PolicyVersion.objects.filter(state=VersionState.REVIEW):
        version = lock(waiting)
        request = latest_for(version)
        expired = request is not None and request.state == RequestState.EXPIRED
        if version.state == VersionState.REVIEW and expired:
            move(version, table=VERSION_MOVES, to=VersionState.DRAFT)
            tell(Verb.POLICY_APPROVAL_EXPIRED, version, None)
            found += 1
    return found


def unready(version: PolicyVersion) -> list[str]:
    """Return, in the person's words, what a draft lacks before it can be put up."""
    clauses = list(version.clauses.all())
    by_code = {clause.code: clause for clause in clauses}
    empty = [
        clause.code
        for clause in clauses
        if not (clause.heading if clause.level in WITH_HEADING else clause.text).strip()
    ]
    gone = [clause_code(one) for one in Criterion if clause_code(one) not in by_code]
    rows = comparison(list(policy_in_force().clauses.all()), clauses)
    found = []
    if all(row.change is Change.SAME for row in rows):
        found.append("施行中の版から変わったところがありません。")
    if version.effective_from <= timezone.localdate():
        found.append("施行日は、明日以降にしてください。")
    if not version.summary.strip():
        found.append("「改定の要点」を入力してください。公開のページとお知らせに載ります。")
    if empty:
        found.append(f"内容のない条項があります（{'、'.join(empty)}）。")
    if gone:
        found.append(f"削除基準の条項がありません（{'、'.join(gone)}）。")
    return found


def slots() -> list[Slot]:
    """Who has to approve a version, as the committee set it."""
    wanted = (
        (Role.CHAIR, POLICY_CHAIRS),
        (Role.MEMBER, POLICY_MEMBERS),
        (Role.REVIEWER, POLICY_REVIEWERS),
    )
    counts = [Slot(role, number(setting)) for role, setting in wanted]
    return [slot for slot in counts if slot.count]


def begins_at(version: PolicyVersion) -> datetime:
    """Midnight, in Asia/Tokyo, of the day of effect."""
    return timezone.make_aware(datetime.combine(version.effective_from, time.min))


def _under_review(version: PolicyVersion) -> tuple[PolicyVersion, ApprovalRequest]:
    version = lock(version)
    request = latest_for(version)
    if version.state != VersionState.REVIEW or request is None:
        raise Refused("この版は、いま承認待ちではありません。")
    return version, request

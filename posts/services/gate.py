"""The gate that every post passes: who must approve, what stands approved, and what voids it."""

from collections.abc import Iterable

from django.db.models import Q

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.approvals import services as approvals
from jspm_social.approvals.queries import latest_for
from jspm_social.approvals.seats import Slot
from jspm_social.approvals.states import RequestState
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.transitions import move
from posts.models import ApprovalRule, Post, Submission
from posts.states import POST_MOVES, PostState

DEFAULT_RULE = {Role.MEMBER: 1}  # one member who did not write it
BY_KIND = {Post.Kind.RESEARCH: {Role.REVIEWER: 1}}  # research and statistics: 監修 as well
IRREVERSIBLE = frozenset({Platform.LINE})  # a broadcast cannot be called back: one vote more
# Of an urgent post, whatever its kind and channels: the chair and one member. Two people, since
# nobody takes two seats; neither may have written it.
FAST_LANE = (Slot(Role.CHAIR, 1), Slot(Role.MEMBER, 1))
COUNTING = frozenset({RequestState.OPEN, RequestState.APPROVED})


def slots_for(post: Post, channel_ids: Iterable[int]) -> list[Slot]:
    """Return who must approve: per role the strictest of the rules that apply to the post.

    Where the committee set no rule for a kind of post, the built-in one counts.
    """
    ids = list(channel_ids)
    wanted: dict[str, int] = {str(role): count for role, count in DEFAULT_RULE.items()}
    for role, count in BY_KIND.get(Post.Kind(post.kind), {}).items():
        wanted[str(role)] = max(count, wanted.get(str(role), 0))
    rules = ApprovalRule.objects.filter(
        Q(kind="") | Q(kind=post.kind), Q(channel=None) | Q(channel__in=ids)
    )
    for rule in rules:
        wanted[rule.role] = max(rule.count, wanted.get(rule.role, 0))
    if Channel.objects.filter(pk__in=ids, platform__in=IRREVERSIBLE).exists():
        wanted[Role.MEMBER] += 1
    return [Slot(role, count) for role, count in sorted(wanted.items())]


_WITH = ("approval", "revision", "policy_version", "fast_lane__marked_by")


def current(post: Post) -> Submission | None:
    """The submission whose approval is open or given; None when every one is closed."""
    found = Submission.objects.filter(post=post, approval__state__in=COUNTING)
    return found.select_related(*_WITH).order_by("-pk").first()


def void(post: Post, actor: User | None, reason: str) -> None:
    """Make votes count for nothing, because the content changes or is taken back: a draft again.

    Part of the caller's write, which has locked the post. Nothing to do for a post that is not
    up for approval.
    """
    if post.state not in {PostState.REVIEW, PostState.APPROVED}:
        return
    request = latest_for(post)
    if request is not None and request.state in COUNTING:
        approvals.void(actor=actor, request=request, reason=reason)
    move(post, table=POST_MOVES, to=PostState.DRAFT)

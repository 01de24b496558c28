"""Reading posts: what each channel would be sent, and what waits for whom."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Min, Q, QuerySet, When
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.approvals.queries import can_vote
from jspm_social.approvals.states import RequestState
from jspm_social.audit.models import AuditEvent
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.models import Channel, RemotePost
from jspm_social.platforms.names import Platform
from jspm_social.platforms.states import NEEDS_A_PERSON, ChannelState, OperationState
from posts.models import (
    Correction,
    Delivery,
    Event,
    FastLane,
    MediaFile,
    NativePost,
    Post,
    Submission,
)
from posts.payload import Payload, PayloadMedia, payload_for
from posts.quoting import says
from posts.renditions import PREVIEW, SHAPES
from posts.states import CorrectionState, NativeState, PostState

CHATS = "chat:"  # what LINE's chats stand under is no post
CONFIRMED = frozenset({PostState.APPROVED, PostState.SCHEDULED, PostState.SENT})
LINKABLE = timedelta(days=180)


def channels_of(post: Post) -> dict[int, Channel]:
    """The channels that the draft is meant for, by id, in the order of the list of channels."""
    return {channel.pk: channel for channel in Channel.objects.filter(pk__in=post.draft.channels)}


def files_of(post: Post) -> dict[int, MediaFile]:
    """The media files of the draft, of all its channels together."""
    draft = post.draft
    wanted = {pk for channel in draft.channels for pk in draft.media_for(channel)}
    return MediaFile.objects.prefetch_related("renditions").in_bulk(wanted | set(draft.media))


def payloads_of(post: Post) -> dict[int, Payload]:
    """What every channel would be sent for the draft as it stands, by channel."""
    draft, files = post.draft, files_of(post)
    return {
        pk: payload_for(draft, pk, platform, {n: as_sent(f, platform) for n, f in files.items()})
        for pk, platform in (
            (pk, Platform(channel.platform)) for pk, channel in channels_of(post).items()
        )
    }


def as_sent(file: MediaFile, platform: Platform) -> PayloadMedia:
    """A file as this platform is sent it: a picture in the form that suits it best."""
    shape = SHAPES.get(platform)
    with_preview = platform == Platform.LINE and file.kind == MediaFile.Kind.IMAGE
    return PayloadMedia(
        id=file.pk,
        kind=file.kind,
        sha256=file.stored_for(shape.name if shape else "").sha256,
        alt=file.alt,
        credit=file.credit,
        preview=file.stored_for(PREVIEW.name).sha256 if with_preview else "",
    )


def listed(states: Iterable[str] = ()) -> QuerySet[Post]:
    """Posts for a list, the latest changed first, with the next planned time and its troubles."""
    rows = Post.objects.select_related("created_by").order_by("-edited_at", "-pk")
    wanted = list(states)
    if wanted:
        rows = rows.filter(state__in=wanted)
    waiting = Q(deliveries__state=OperationState.WAITING)
    trouble = Q(deliveries__state__in=NEEDS_A_PERSON)
    return rows.annotate(
        next_at=Min("deliveries__planned_at", filter=waiting),
        troubles=Count("deliveries", filter=trouble, distinct=True),
    )


def waiting_for(person: User) -> list[Post]:
    """The posts that this person could approve now, those whose time runs out first."""
    asked = (
        Submission.objects.filter(approval__state=RequestState.OPEN)
        .select_related("approval", "post__created_by")
        .order_by("approval__expires_at")
    )
    return [s.post for s in asked if can_vote(s.approval, person)]


def urgent_uses() -> QuerySet[FastLane]:
    """Every use of the emergency fast lane, the latest first."""
    rows = FastLane.objects.select_related(
        "submission__post", "submission__approval", "marked_by", "reviewed_by"
    )
    return rows.order_by("-marked_at", "-pk")


def urgent_now() -> QuerySet[FastLane]:
    """Those that everybody should see: under way, or not yet looked at afterwards."""
    return urgent_uses().filter(reviewed_by=None)


def in_trouble() -> QuerySet[Delivery]:
    """The deliveries that need a person, oldest first."""
    rows = Delivery.objects.filter(state__in=NEEDS_A_PERSON)
    return rows.select_related("post", "channel", "submission").order_by("planned_at", "pk")


def sent_again(deliveries: Iterable[int]) -> set[int]:
    """Those of them that a person had sent once more: what was begun before is forgotten there."""
    keys = [str(pk) for pk in deliveries]
    if not keys:
        return set()
    events = AuditEvent.objects.filter(
        target_type=Delivery._meta.label_lower,  # noqa: SLF001
        target_id__in=keys,
        verb=Verb.DELIVERY_WAITING,
        actor__isnull=False,  # the worker puts back what broke off, without anybody
    )
    return {int(key) for key in events.values_list("target_id", flat=True)}


def postable_channels() -> QuerySet[Channel]:
    """The channels a draft can be meant for: those that are, or can soon be, connected."""
    return Channel.objects.exclude(state=ChannelState.DISCONNECTED)


def natives() -> QuerySet[NativePost]:
    """Posts that the console did not publish: those to be looked at first, then the newest."""
    rows = NativePost.objects.select_related("remote__channel", "post", "settled_by")
    is_open = Case(When(state=NativeState.OPEN, then=0), default=1)
    return rows.order_by(is_open, "-remote__posted_at", "-pk")


def open_natives() -> int:
    """How many of them nobody has looked at yet."""
    return NativePost.objects.filter(state=NativeState.OPEN).count()


def older_than_connection() -> int:
    """How many posts stood on the accounts before they were connected: history, no alarm."""
    rows = RemotePost.objects.filter(posted_at__lt=F("channel__created_at"))
    return rows.exclude(remote_id__startswith=CHATS).count()


def linkable() -> QuerySet[Post]:
    """The approved posts that one by hand may belong to, the newest first."""
    young = Post.objects.filter(edited_at__gte=timezone.now() - LINKABLE)
    return young.filter(state__in=CONFIRMED).order_by("-edited_at", "-pk")


def overdue() -> QuerySet[Delivery]:
    """What waits although its time has come: while all is stopped, it waits for a person."""
    rows = Delivery.objects.filter(state=OperationState.WAITING, planned_at__lte=timezone.now())
    return rows.select_related("post", "channel").order_by("planned_at", "pk")


def planned_between(first: datetime, last: datetime) -> QuerySet[Delivery]:
    """What was or is planned in the time, in order; what was called back is left out."""
    rows = Delivery.objects.filter(
        planned_at__gte=first, planned_at__lt=last, deed=Delivery.Deed.PUBLISH
    ).exclude(state=OperationState.CANCELLED)
    return rows.select_related("post", "channel").order_by("planned_at", "pk")


def quoting_old_facts(event: Event) -> list[dict[str, Any]]:
    """The event's posts, in whatever state, whose words still say a fact as it was."""
    changes = list(event.changes.all())
    current = {str(getattr(event, change.field) or "") for change in changes}
    old = [change for change in changes if change.old and change.old not in current]
    found = []
    for post in event.posts.exclude(state=PostState.DROPPED).order_by("-edited_at"):
        texts = _texts(post)
        quoted = [c for c in old if any(says(text, c.field, c.old) for text in texts)]
        if quoted:
            found.append({"post": post, "old": list(dict.fromkeys(c.old for c in quoted))})
    return found


def _texts(post: Post) -> list[str]:
    draft = post.draft
    own = [variant.text for variant in draft.channels.values() if variant.text is not None]
    return [draft.body, *own]


def public_corrections() -> list[dict[str, Any]]:
    """What everybody may read of the corrections that were carried out, the newest first."""
    rows = Correction.objects.filter(state=CorrectionState.CLOSED).exclude(
        decision=Correction.Decision.NOTHING
    )
    return [
        {
            "anchor": f"c{row.pk}",
            "closed_at": row.closed_at,
            "decision": _DONE[Correction.Decision(row.decision)],
            "note": row.public_note,
            "places": sorted({d.channel.get_platform_display() for d in _published(row)}),
            "published_at": min(
                (d.published_at for d in _published(row) if d.published_at), default=None
            ),
        }
        for row in rows.select_related("post").prefetch_related("post__deliveries__channel")
    ]


_DONE = {
    Correction.Decision.CORRECT: "訂正しました",
    Correction.Decision.ANNOTATE: "補足しました",
    Correction.Decision.REMOVE: "取り下げました",
}


def _published(row: Correction) -> list[Delivery]:
    return [
        delivery
        for delivery in row.post.deliveries.all()
        if delivery.deed == Delivery.Deed.PUBLISH and delivery.state == OperationState.DONE
    ]

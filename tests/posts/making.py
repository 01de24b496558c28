"""What the tests of our own posts store, through the project's own services."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.approvals.states import Choice
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from posts.content import Content, Variant
from posts.models import Delivery, Post, Submission
from posts.services import drafting, review, scheduling
from tests.people import People

WINDOW = timedelta(days=7)


def make_channel(platform: Platform = Platform.X) -> Channel:
    return Channel.objects.create(
        platform=platform, name=f"学会 {platform.label}", account_id=f"own-{platform}"
    )


def written(body: str, channels: Iterable[Channel], **more: Any) -> Content:
    return Content(body=body, channels={channel.pk: Variant() for channel in channels}, **more)


def draft(
    author: User,
    *channels: Channel,
    body: str = "学術大会のご案内です。",
    kind: Post.Kind = Post.Kind.NOTICE,
    **more: Any,
) -> Post:
    return drafting.begin(
        actor=author,
        title="ご案内",
        purpose=Post.Purpose.EVENTS,
        kind=kind,
        content=written(body, channels, **more),
    )


def edit(actor: User, post: Post, body: str, *, cut: bool = False) -> Post:
    """Change the body of the post as it stands now."""
    post = Post.objects.get(pk=post.pk)
    now = post.draft
    content = Content(body, now.link, now.tags, now.media, now.poll, now.channels)
    return drafting.save(
        actor=actor, post=post, content=content, base_version=post.version, cut=cut
    )


def submit(actor: User, post: Post, **changes: Any) -> Submission:
    post = Post.objects.get(pk=post.pk)
    now = timezone.now()
    wanted: dict[str, Any] = {
        "not_before": now,
        "not_after": now + WINDOW,
        "base_version": post.version,
    }
    return review.submit(actor=actor, post=post, **(wanted | changes))


def approve(person: User, submission: Submission) -> Submission:
    return review.answer(
        actor=person,
        post=submission.post,
        seen_hash=submission.content_hash,
        choice=Choice.APPROVE,
    )


def approved_post(people: People, *channels: Channel, **more: Any) -> Post:
    """A post that the admin wrote and a member approved."""
    post = draft(people.admin, *channels, **more)
    approve(people.member, submit(people.admin, post))
    return Post.objects.get(pk=post.pk)


def scheduled(people: People, *channels: Channel, after: timedelta = timedelta(0)) -> Post:
    post = approved_post(people, *channels)
    at = timezone.now() + after
    scheduling.schedule(
        actor=people.admin, post=post, times={channel.pk: at for channel in channels}
    )
    return Post.objects.get(pk=post.pk)


def delivery_of(post: Post) -> Delivery:
    return post.deliveries.get()

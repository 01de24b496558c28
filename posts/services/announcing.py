"""Drafts of the notices by which a new version of the policy is announced (§8).

They are drafts like any other: checked, approved by people who did not write them, and sent by
the usual way. Nothing goes out from here.
"""

from collections.abc import Iterable, Sequence

from django.urls import reverse

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from policy.announcements import Drafted, Notice
from policy.models import PolicyVersion
from posts.announcing import PICTURED, fitted
from posts.content import Content, Variant
from posts.models import PolicyNotice, Post
from posts.queries import channels_of, postable_channels
from posts.services.drafting import begin

TOGETHER = "text"  # the place of the one draft for every channel that takes words alone


@one_write()
def draft(notice: Notice, *, actor: User) -> None:
    """Draft the notice in the name of `actor`: one post for all channels that take words alone,
    each with as much as fits it, and one for every channel that needs a picture or a film.

    Repeating drafts nothing again, and adds nothing for channels that were connected later.
    """
    # Whoever drafts at the same time waits here, then finds the posts there.
    version = PolicyVersion.objects.select_for_update(no_key=True).get(pk=notice.version_id)
    if PolicyNotice.objects.filter(policy_version=version).exists():
        return
    channels = list(postable_channels().order_by("pk"))
    pictured = [channel for channel in channels if Platform(channel.platform) in PICTURED]
    written = [channel for channel in channels if channel not in pictured]
    places = {TOGETHER: written} | {f"channel:{one.pk}": [one] for one in pictured}
    posts = [_draft(notice, version, actor, place, rows) for place, rows in places.items()]
    record(
        actor=None,
        verb=Verb.POLICY_ANNOUNCED,
        target=version,
        policy_version=str(version),
        details={"posts": [post.pk for post in posts]},
    )


def _draft(
    notice: Notice, version: PolicyVersion, actor: User, place: str, channels: Iterable[Channel]
) -> Post:
    post = begin(
        actor=actor,
        title=notice.title,
        purpose=Post.Purpose.ACTIVITIES,
        kind=Post.Kind.STATEMENT,
        content=_content(notice, channels),
    )
    PolicyNotice.objects.create(policy_version=version, place=place, post=post)
    return post


def _content(notice: Notice, channels: Iterable[Channel]) -> Content:
    """The whole notice is the body; a channel that takes less says its own."""
    body = f"{notice.headline}\n\n{notice.summary}".strip()
    variants = {}
    for channel in channels:
        limits = channel.options.get("limits", {})
        text = fitted(notice, Platform(channel.platform), limits)
        title = notice.headline[:100] if channel.platform == Platform.YOUTUBE else ""
        variants[channel.pk] = Variant(text=None if text == body else text, title=title)
    return Content(body=body, link=notice.link, channels=variants)


def drafted(version_id: int) -> Sequence[Drafted]:
    """The posts that announce a version, with where each is meant for and how it stands."""
    rows = PolicyNotice.objects.filter(policy_version=version_id).select_related("post")
    return [
        Drafted(
            title=row.post.title,
            places="、".join(map(str, channels_of(row.post).values())),
            state=row.post.get_state_display(),
            url=reverse("posts:post", args=[row.post_id]),
        )
        for row in rows
    ]

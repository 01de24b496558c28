"""What a webhook told beside what pulls read: nothing twice, nothing older, nothing back from gone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.contract import RemoteAttachment, RemoteComment, RemotePostRef
from jspm_social.platforms.models import Channel, RemotePost
from moderation.models import Comment, Commenter, Tombstone
from moderation.services.intake import store_page
from moderation.services.told import store_told
from moderation.states import CommentStanding
from policy.models import RuleSet
from tests.moderation.making import POST, store, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def known_post(channel: Channel, policy: RuleSet) -> RemotePost:
    """A post that was read with an earlier comment."""
    store(channel, told(0))
    return RemotePost.objects.get()


def by_webhook(comment: RemoteComment) -> RemoteComment:
    """As a webhook tells it: without address, pictures, and the post's words."""
    return replace(comment, permalink="", attachments=(), post=RemotePostRef(POST.remote_id))


def rows(channel: Channel) -> list[dict[str, Any]]:
    """All that counts of what is stored, in the order in which people wrote."""
    wanted = Comment.objects.filter(channel=channel).order_by("posted_at", "remote_id")
    return [
        dict(row)
        for row in wanted.values(
            "remote_id", "parent_remote_id", "permalink", "text", "attachments", "standing",
            "posted_at", "post__remote_id", "post__text", "post__permalink", "post__posted_at",
            "commenter__key", "commenter__name", "commenter__handle", "commenter__url",
            "revision_number", "bigrams", "erasure",
        )
    ]  # fmt: skip


def test_a_new_comment_under_a_known_post_is_stored(
    channel: Channel, known_post: RemotePost
) -> None:
    found = store_told(channel=channel, comments=[by_webhook(told(1))])
    row = Comment.objects.get(remote_id="c1")
    assert found.stored.to_judge == [row.pk]
    assert not found.read_channel
    assert (row.text, row.post, row.judged_at) == ("大会で会いましょう その1", known_post, None)
    known_post.refresh_from_db()
    assert known_post.text == POST.text


def test_a_comment_under_a_post_that_was_never_read_waits_for_the_pull(
    channel: Channel, policy: RuleSet
) -> None:
    found = store_told(channel=channel, comments=[by_webhook(told(1))])
    assert found.read_channel
    assert not Comment.objects.exists()
    assert not RemotePost.objects.exists()
    assert not Commenter.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("webhook_first", [True, False])
def test_webhook_and_pull_in_both_orders_end_like_the_pull_alone(
    channel: Channel, facebook: Channel, known_post: RemotePost, webhook_first: bool
) -> None:
    full = replace(told(1), attachments=(RemoteAttachment("image", "https://e.example/1", "絵"),))
    store(facebook, told(0), full)
    steps: list[Callable[[], Any]] = [
        lambda: store_told(channel=channel, comments=[by_webhook(full)]),
        lambda: store_page(channel=channel, comments=[full]),
    ]
    for step in steps if webhook_first else reversed(steps):
        step()
    assert rows(channel) == rows(facebook)
    assert Comment.objects.get(channel=channel, remote_id="c1").revisions.count() == 1


def test_a_known_comment_is_never_changed_by_a_webhook(
    channel: Channel, known_post: RemotePost
) -> None:
    store(channel, told(1, text="新しい本文"))
    before = rows(channel)
    late = by_webhook(told(1, text="古い本文"))
    assert store_told(channel=channel, comments=[late]).read_channel
    assert rows(channel) == before
    same = by_webhook(told(1, text="新しい本文"))
    assert not store_told(channel=channel, comments=[same]).read_channel
    assert rows(channel) == before


def test_another_name_of_the_author_is_not_taken_from_a_webhook(
    channel: Channel, known_post: RemotePost
) -> None:
    store(channel, told(1))
    before = rows(channel)
    other = replace(told(1), author=replace(told(1).author, name="古い名前"))
    assert not store_told(channel=channel, comments=[by_webhook(other)]).read_channel
    assert rows(channel) == before


def test_gone_is_marked(channel: Channel, known_post: RemotePost) -> None:
    store_told(channel=channel, comments=[], gone=["c0"])
    assert Comment.objects.get().standing == CommentStanding.GONE


def test_what_we_removed_stays_our_removal(channel: Channel, known_post: RemotePost) -> None:
    Comment.objects.update(standing=CommentStanding.REMOVED)
    store_told(channel=channel, comments=[], gone=["c0"])
    assert Comment.objects.get().standing == CommentStanding.REMOVED


@pytest.mark.parametrize("by", ["webhook", "pull"])
def test_gone_before_it_came(channel: Channel, known_post: RemotePost, by: str) -> None:
    """The deletion overtook the comment: neither a webhook nor an older page brings it back."""
    store_told(channel=channel, comments=[], gone=["c1", "c1"])
    assert Tombstone.objects.count() == 1
    if by == "webhook":
        store_told(channel=channel, comments=[by_webhook(told(1))])
    else:
        store_page(channel=channel, comments=[told(1)])
    assert Comment.objects.get(remote_id="c1").standing == CommentStanding.GONE


def test_a_deletion_and_its_comment_in_one_delivery(
    channel: Channel, known_post: RemotePost
) -> None:
    store_told(channel=channel, comments=[by_webhook(told(1))], gone=["c1"])
    assert Comment.objects.get(remote_id="c1").standing == CommentStanding.GONE


def test_a_pull_that_tells_it_again_brings_it_back(
    channel: Channel, known_post: RemotePost
) -> None:
    store_told(channel=channel, comments=[by_webhook(told(1))], gone=["c1"])
    store_page(channel=channel, comments=[told(1)])
    assert Comment.objects.get(remote_id="c1").standing == CommentStanding.VISIBLE


def test_of_another_channel_nothing_is_touched(
    channel: Channel, facebook: Channel, known_post: RemotePost
) -> None:
    store(facebook, told(0))
    store_told(channel=channel, comments=[], gone=["c0"])
    assert Comment.objects.get(channel=facebook).standing == CommentStanding.VISIBLE


def test_one_event_for_one_delivery(channel: Channel, known_post: RemotePost) -> None:
    before = AuditEvent.objects.count()
    store_told(channel=channel, comments=[by_webhook(told(n)) for n in (1, 2)], gone=["c0"])
    (event,) = AuditEvent.objects.all()[: AuditEvent.objects.count() - before]
    assert (event.verb, event.details) == (
        "comments.received",
        {"created": 2, "edited": 0, "gone": 1},
    )

"""Storing what a platform told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.contract import RemoteAttachment, RemoteAuthor, RemoteComment
from jspm_social.platforms.models import Channel, RemotePost, SyncCursor
from moderation.models import Comment, Commenter, CommentRevision
from moderation.services.intake import HISTORY, Stored, store_page
from moderation.services.triage import judge_comments
from moderation.states import CommentStanding
from policy.models import RuleSet
from tests.moderation.making import POST, START, make_channel, store, store_and_judge, told


def page(channel: Channel, *comments: RemoteComment, **more: Any) -> Stored:
    return store_page(channel=channel, comments=comments, **more)


def test_store_keeps_what_was_told(channel: Channel) -> None:
    comment = told(
        1,
        parent_id="c0",
        attachments=(RemoteAttachment("image", "https://img.example/1", "犬"),),
        edited_at=START + timedelta(hours=1),
        hidden=True,
    )
    stored = page(channel, comment, cursor={"since": "c1"})
    row = Comment.objects.select_related("post", "commenter").get()
    assert stored.created == [row.pk]
    assert (row.remote_id, row.parent_remote_id, row.text) == ("c1", "c0", comment.text)
    assert (row.permalink, row.posted_at, row.edited_at) == (
        "https://x.example/c1",
        comment.created_at,
        comment.edited_at,
    )
    assert row.attachments == [{"kind": "image", "url": "https://img.example/1", "alt": "犬"}]
    assert (row.standing, row.judged_at) == (CommentStanding.HIDDEN, None)
    assert (row.post.remote_id, row.post.text, row.post.posted_at) == ("post-1", POST.text, START)
    assert (row.commenter.key, row.commenter.name, row.commenter.handle) == (
        "a1",
        "名前1",
        "handle1",
    )
    assert SyncCursor.objects.get(channel=channel).position == {"since": "c1"}


def test_store_keeps_the_platforms_own_bytes(channel: Channel) -> None:
    raw = b'{"text": "\\ud83d \x00 \xff"}'  # not even UTF-8
    page(channel, told(1, raw=raw))
    assert bytes(CommentRevision.objects.get().raw) == raw


def test_store_again_changes_nothing(channel: Channel) -> None:
    comments = [told(n) for n in range(5)]
    page(channel, *comments)
    before = list(Comment.objects.order_by("pk").values())
    again = page(channel, *comments)
    assert again == Stored()
    assert list(Comment.objects.order_by("pk").values()) == before
    assert CommentRevision.objects.count() == Commenter.objects.count() == 5
    assert RemotePost.objects.count() == 1
    assert AuditEvent.objects.count() == 1


def test_store_takes_the_last_of_two_tellings_in_one_page(channel: Channel) -> None:
    page(channel, told(1, "はじめの文"), told(1, "あとの文"))
    assert list(CommentRevision.objects.values_list("number", "text")) == [(1, "あとの文")]


def test_store_makes_a_revision_for_a_changed_text_only(channel: Channel) -> None:
    row = store(channel, told(1, "はじめの文"))[0]
    stored = page(channel, told(1, "直した文", raw=b"second"))
    assert (stored.created, stored.edited) == ([], [row.pk])
    row.refresh_from_db()
    assert (row.text, row.revision_number, row.judged_at) == ("直した文", 2, None)
    assert row.edited_at is not None
    revisions = row.revisions.order_by("number")
    assert [(r.number, r.text, bytes(r.raw)) for r in revisions] == [
        (1, "はじめの文", b'{"id": "c1"}'),
        (2, "直した文", b"second"),
    ]
    assert page(channel, told(1, "直した文", permalink="https://x.example/moved")) == Stored()
    assert row.revisions.count() == 2


def test_store_finds_an_edited_text_by_its_new_words(channel: Channel) -> None:
    row = store(channel, told(1, "はじめの文"))[0]
    page(channel, told(1, "直した文"))
    old = row.bigrams
    row.refresh_from_db()
    assert row.bigrams != old


def test_store_sends_an_edited_comment_back_to_judgement(policy: RuleSet, channel: Channel) -> None:
    row = store_and_judge(channel, told(1))[0]
    assert row.judged_at is not None
    page(channel, told(1, "直した文"))
    row.refresh_from_db()
    assert row.judged_at is None


@pytest.mark.parametrize(
    ("before", "told_hidden", "after"),
    [
        (CommentStanding.VISIBLE, True, CommentStanding.HIDDEN),
        (CommentStanding.HIDDEN, False, CommentStanding.VISIBLE),
        (CommentStanding.HIDDEN, None, CommentStanding.HIDDEN),
        (CommentStanding.REMOVED, False, CommentStanding.REMOVED),
        (CommentStanding.REMOVED, None, CommentStanding.REMOVED),
        (CommentStanding.GONE, True, CommentStanding.HIDDEN),
        (CommentStanding.GONE, False, CommentStanding.VISIBLE),
        (CommentStanding.GONE, None, CommentStanding.VISIBLE),
    ],
)
def test_store_follows_what_the_platform_says_about_hiding(
    channel: Channel, before: str, told_hidden: bool | None, after: str
) -> None:
    row = store(channel, told(1))[0]
    Comment.objects.filter(pk=row.pk).update(standing=before)
    assert page(channel, told(1, hidden=told_hidden)) == Stored()
    row.refresh_from_db()
    assert row.standing == after


def test_store_marks_what_the_author_deleted(channel: Channel) -> None:
    first, second = store(channel, told(1), told(2))
    stored = page(channel, gone=["c1", "never-seen"])
    assert stored == Stored(gone=[first.pk])
    assert stored.to_judge == []
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.standing, second.standing) == (CommentStanding.GONE, CommentStanding.VISIBLE)
    assert first.text == told(1).text
    assert page(channel, gone=["c1"]) == Stored()


def test_store_does_not_call_gone_what_we_removed(channel: Channel) -> None:
    row = store(channel, told(1))[0]
    Comment.objects.filter(pk=row.pk).update(standing=CommentStanding.REMOVED)
    assert page(channel, gone=["c1"]) == Stored()
    row.refresh_from_db()
    assert row.standing == CommentStanding.REMOVED


def test_store_keeps_channels_apart(channel: Channel) -> None:
    other = make_channel(name="二つ目")
    store(channel, told(1))
    assert len(page(other, told(1)).created) == 1
    page(other, gone=["c1"])
    assert Comment.objects.get(channel=channel).standing == CommentStanding.VISIBLE
    assert Commenter.objects.count() == RemotePost.objects.count() == 2


def test_store_follows_a_commenters_new_name(channel: Channel) -> None:
    store(channel, told(1))
    renamed = RemoteAuthor("a1", "改名した人", "")
    page(channel, told(2, author=renamed))
    person = Commenter.objects.get()
    assert (person.name, person.handle) == ("改名した人", "handle1")
    names = CommentRevision.objects.order_by("pk").values_list("author_name", flat=True)
    assert list(names) == ["名前1", "改名した人"]


def test_store_sends_a_comment_by_a_renamed_author_back_to_judgement(
    policy: RuleSet, channel: Channel
) -> None:
    row = store_and_judge(channel, told(1))[0]
    official = RemoteAuthor("a1", "日本緩和医療学会 公式", "handle1")
    assert page(channel, told(1, author=official)).edited == [row.pk]
    row.refresh_from_db()
    assert (row.revision_number, row.edited_at, row.judged_at) == (2, None, None)
    names = row.revisions.order_by("number").values_list("author_name", "text")
    assert list(names) == [("名前1", row.text), ("日本緩和医療学会 公式", row.text)]
    assert page(channel, told(1, author=official)) == Stored()
    assert page(channel, told(1, author=RemoteAuthor("a1"))) == Stored()


def test_store_keeps_unnamed_authors_apart(channel: Channel) -> None:
    nobody = RemoteAuthor("")
    rows = store(channel, told(1, author=nobody), told(2, author=nobody))
    assert len({row.commenter_id for row in rows}) == 2
    assert page(channel, told(1, author=nobody), told(2, author=nobody)) == Stored()
    assert Commenter.objects.count() == 2


def test_store_follows_a_posts_text_and_never_empties_it(channel: Channel) -> None:
    store(channel, told(1))
    page(channel, told(1, post=replace(POST, text="直したお知らせ")))
    page(channel, told(1, post=replace(POST, text="")))
    assert RemotePost.objects.get().text == "直したお知らせ"


def test_store_makes_hostile_text_storable(channel: Channel) -> None:
    author = RemoteAuthor("k\x00", "名\ud800" + "長" * 600, "\x00" + "h" * 300, "u" * 600)
    row = store(channel, told(1, "前\x00後\udfff", author=author, permalink="p" * 600))[0]
    person = row.commenter
    assert row.text == row.revisions.get().text == "前\ufffd後\ufffd"
    assert (person.key, person.name) == ("k\ufffd", "名\ufffd" + "長" * 498)
    assert (len(person.handle), len(person.url), len(row.permalink)) == (255, 500, 500)
    assert page(channel, told(1, "前\x00後\udfff", author=author)) == Stored()


def test_store_writes_one_event_per_page(channel: Channel) -> None:
    store(channel, told(1), told(2))
    page(channel, told(1, "直した文"), told(2), told(3), told(4), gone=["c2"])
    event = AuditEvent.objects.order_by("-pk")[0]
    assert AuditEvent.objects.count() == 2
    assert (event.verb, event.channel, event.actor_id) == ("comments.received", channel.pk, None)
    assert event.details == {"created": 2, "edited": 1, "gone": 1}


def test_store_of_an_empty_page_moves_only_the_cursor(channel: Channel) -> None:
    page(channel, cursor={"next": 2})
    assert SyncCursor.objects.get().position == {"next": 2}
    assert not AuditEvent.objects.exists()


def counted(channel: Channel, *comments: RemoteComment, **more: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        page(channel, *comments, **more)
    return len(queries)


def test_store_asks_as_often_for_ten_comments_as_for_a_hundred(channel: Channel) -> None:
    def tell(numbers: range, text: str = "") -> list[RemoteComment]:
        return [
            told(n, f"{text}{n}" if text else "", post=replace(POST, remote_id=f"p{n}"))
            for n in numbers
        ]

    counted(channel, told(0))  # makes the cursor's row
    ten, hundred = range(1, 11), range(101, 201)
    assert counted(channel, *tell(ten)) == counted(channel, *tell(hundred))
    assert counted(channel, *tell(ten)) == counted(channel, *tell(hundred))
    assert counted(channel, *tell(ten, "直し")) == counted(channel, *tell(hundred, "直し"))
    gone = [[f"c{n}" for n in numbers] for numbers in (ten, hundred)]
    assert counted(channel, gone=gone[0]) == counted(channel, gone=gone[1])


def test_late_earlier_comment_sends_its_authors_later_ones_back(
    policy: RuleSet, channel: Channel
) -> None:
    same = told(1).author
    later = [told(n, author=same) for n in range(10, 10 + HISTORY + 2)]
    other = told(500)
    before = told(2, author=same)
    judged = store_and_judge(channel, before, *later, other)
    assert all(row.judged_at for row in judged)
    store(channel, told(5, author=same))
    waiting = set(
        Comment.objects.filter(judged_at__isnull=True).values_list("remote_id", flat=True)
    )
    assert waiting == {"c5", *(c.remote_id for c in later[:HISTORY])}


def test_rejudged_with_the_same_context_stores_no_second_verdict(
    policy: RuleSet, channel: Channel
) -> None:
    row = store_and_judge(channel, told(1))[0]
    judge_comments(comment_ids=[row.pk])
    assert row.revisions.get().judgements.count() == 1

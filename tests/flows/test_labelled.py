"""The 840 labelled comments come in, by the adapters and by import: none lost, none twice."""

import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox.faults import Fault
from moderation.models import Case, Comment, CommentRevision, Judgement
from moderation.services.intake import store_page
from moderation.services.second_look import draw_weekly_sample
from moderation.services.triage import judge_pending
from moderation.states import CaseState
from policy.criteria import Route
from policy.data import COMMENTS
from tests.flows.harness import House, chain_is_whole

IMPORTED = {
    Platform.INSTAGRAM: 140,
    Platform.THREADS: 99,
    Platform.MASTODON: 28,
    Platform.BLUESKY: 24,
}
SERVED = {Platform.X: 188, Platform.FACEBOOK: 182, Platform.YOUTUBE: 179} | IMPORTED
# What may befall a reading request.
TROUBLES = ("5xx", "timeout_before", "malformed_json", "cut_off", "429", "duplicate")


def labelled() -> list[dict[str, Any]]:
    lines = [line for path in COMMENTS for line in path.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line) for line in lines if line.strip()]


def every_third() -> Callable[[str, str, str], Fault | None]:
    """Let every third request go wrong, each time in another way."""
    count, kinds = itertools.count(1), itertools.cycle(TROUBLES)

    def take(platform: str, method: str, path: str) -> Fault | None:
        if next(count) % 3:
            return None
        return Fault(platform, "*", next(kinds), reset_in=30)

    return take


def told_by_the_sandbox(home: House) -> dict[str, tuple[str, str, str, str]]:
    """What the rows must hold: text, author, post and the post's text, by the comment's id."""
    world = home.sandbox.store.world(home.channel.platform)
    return {
        comment.id: (
            comment.text,
            comment.author_id,
            comment.post_id,
            world.posts[comment.post_id].text,
        )
        for comment in world.comments.values()
    }


def rows() -> dict[str, tuple[str, str, str, str]]:
    return {
        row.remote_id: (row.text, row.commenter.key, row.post.remote_id, row.post.text)
        for row in Comment.objects.select_related("commenter", "post")
    }


def everything_stored() -> list[list[Any]]:
    """All rows that a pull may write but for the cursor, to be compared with themselves."""
    models = (Comment, CommentRevision, Judgement, Case, AuditEvent)
    return [list(model.objects.order_by("pk").values()) for model in models]


def each_is_judged_and_its_evidence_stands_in_its_text() -> None:
    """One revision each; one verdict in its final context; spans inside the field they name."""
    comments = Comment.objects.prefetch_related("revisions__judgements", "cases")
    for comment in comments:
        (revision,) = comment.revisions.all()
        verdicts = list(revision.judgements.all())
        assert len({v.context_hash for v in verdicts}) == len(verdicts) >= 1
        assert comment.judged_at is not None
        fields = {
            "text": revision.text,
            "author_name": revision.author_name,
        }
        for verdict in verdicts:
            for found in verdict.evidence:
                assert 0 <= found["start"] <= found["end"] <= len(fields[found["field"]])
        # a comment that passed in its final context may have a case from an earlier one
        cases = [case.state for case in comment.cases.all()]
        assert cases == [CaseState.OPEN] or (cases == [] and comment.route == Route.PASS)


def seed(home: House) -> None:
    platform = Platform(home.channel.platform)
    added = home.sandbox.store.seed(r for r in labelled() if r["platform"] == platform)
    assert added == SERVED[platform]


def is_complete_and_stays(home: House) -> None:
    assert rows() == told_by_the_sandbox(home)
    judge_pending()  # those whose author's earlier comments came on a later page
    home.work()  # the notices of the care lane
    draw_weekly_sample()  # a new week may have begun in the hours that it took
    each_is_judged_and_its_evidence_stands_in_its_text()
    before = everything_stored()
    home.pull()
    assert everything_stored() == before
    assert chain_is_whole()


@pytest.mark.learned
def test_the_labelled_comments_are_pulled(any_home: House) -> None:
    seed(any_home)
    any_home.pull()
    is_complete_and_stays(any_home)


def test_they_are_pulled_where_every_third_request_fails(
    any_home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = any_home
    seed(home)
    with monkeypatch.context() as worse:
        worse.setattr(home.sandbox.faults, "take", every_third())
        for _ in range(60):
            home.pull()
            home.clock.shift(timedelta(minutes=31))  # beyond the longest wait after failures
            if Comment.objects.count() == SERVED[Platform(home.channel.platform)]:
                break
    is_complete_and_stays(home)


def test_the_verdicts_do_not_depend_on_the_order_of_arrival(empty_house: House) -> None:
    """Newest first and page by page, as X tells it, or all at once in the order of time."""
    home = empty_house
    home.connect(Platform.X)
    home.sandbox.store.seed(r for r in labelled() if r["platform"] == "x")
    home.pull()
    home.pull()  # late comments had earlier verdicts of their authors judged again
    arrived = dict(Comment.objects.values_list("remote_id", "route"))
    latest = {j.revision_id: j.context_hash for j in Judgement.objects.order_by("judged_at", "pk")}
    Comment.objects.update(judged_at=None)
    home.pull()
    assert dict(Comment.objects.values_list("remote_id", "route")) == arrived
    again = {j.revision_id: j.context_hash for j in Judgement.objects.order_by("judged_at", "pk")}
    assert again == latest
    assert len(arrived) == SERVED[Platform.X]


@pytest.mark.learned
@pytest.mark.smoke
def test_the_others_are_imported(empty_house: House) -> None:
    files = [str(path) for path in COMMENTS]
    call_command("import_comments", *files, platform=[str(p) for p in IMPORTED])
    counts = {
        platform: Comment.objects.filter(channel__platform=platform).count()
        for platform in Platform
    }
    assert counts == dict.fromkeys(Platform, 0) | IMPORTED
    expected = {r["id"]: r["text"] for r in labelled() if r["platform"] in IMPORTED}
    assert dict(Comment.objects.values_list("remote_id", "text")) == expected
    each_is_judged_and_its_evidence_stands_in_its_text()
    before = everything_stored()
    call_command("import_comments", *files, platform=[str(p) for p in IMPORTED])
    assert everything_stored() == before
    assert chain_is_whole()


def test_a_page_stored_twice_changes_nothing(home: House) -> None:
    from jspm_social.platforms.channels import client_of

    platform = Platform(home.channel.platform)
    home.sandbox.store.seed(r for r in labelled()[:200] if r["platform"] == platform)
    channel = Channel.objects.get()
    pages = list(client_of(channel).pull({}))
    for page in pages:
        store_page(channel=channel, comments=page.comments)
    before = everything_stored()
    for page in pages:
        assert store_page(channel=channel, comments=page.comments).to_judge == []
    assert everything_stored() == before

"""Drafts of the notices that announce a new version of the policy (§8)."""

from collections.abc import Sequence
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings as bounds, strategies as st

from jspm_social.accounts.roles import Role
from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.counting import measure_all
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from policy import announcements, carried, jobs
from policy.announcements import Notice
from policy.models import PolicyVersion
from policy.services import load_version_1
from posts.announcing import PICTURED, fitted
from posts.content import Content, Variant
from posts.models import PolicyNotice, Post
from posts.payload import payload_for
from posts.queries import payloads_of
from posts.states import PostState
from tests.people import People, make_people, make_person
from tests.policy import versions as made
from tests.posts.making import approve, make_channel, submit

LINK = "https://console.example.jp/policy/"
HEADLINE = "日本緩和医療学会ソーシャルメディアポリシーを改定しました。2026年12月2日（水）から適用しています。"


def notice(summary: str) -> Notice:
    return Notice(1, "お知らせ", HEADLINE, summary, LINK)


def sent(text: str, platform: Platform) -> str:
    content = Content(body=text, link=LINK, channels={0: Variant()})
    return payload_for(content, 0, platform, {}).text


@bounds(max_examples=60, deadline=None)
@given(
    sentences=st.lists(
        st.builds(
            lambda sign, length: sign * length + "。",
            st.sampled_from(["緩和", "a", "é", "🙂", "ケア\n", "x.jp "]),
            st.integers(0, 120),
        ),
        max_size=8,
    ),
    platform=st.sampled_from(list(Platform)),
)
def test_a_notice_always_fits_and_loses_only_whole_sentences(
    sentences: Sequence[str], platform: Platform
) -> None:
    told = notice("".join(sentences))
    text = fitted(told, platform)
    assert all(one.fits for one in measure_all(platform, sent(text, platform)))
    assert text.startswith(HEADLINE)
    rest = text.removeprefix(HEADLINE).strip()
    assert told.summary.strip().startswith(rest)


def test_on_x_the_last_sentence_goes_first() -> None:
    first, second = "あ" * 60 + "。", "い" * 60 + "。"
    assert fitted(notice(first + second), Platform.X) == f"{HEADLINE}\n\n{first}"
    assert fitted(notice(first + second), Platform.FACEBOOK).endswith(first + second)
    assert fitted(notice("う" * 200 + "。"), Platform.X) == HEADLINE


def test_the_server_tells_its_own_limit() -> None:
    summary = "あ" * 300 + "。"
    assert fitted(notice(summary), Platform.MASTODON, {"characters": 200}) == HEADLINE
    assert fitted(notice(summary), Platform.MASTODON, {"characters": 1000}).endswith(summary)


@pytest.fixture
def few_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    few = [r for r in carried.carried_rules() if not (r.requires or r.unless)][:3]
    monkeypatch.setattr(carried, "carried_rules", lambda: few)


@pytest.fixture
def channels(db: None) -> dict[Platform, Channel]:
    return {platform: make_channel(platform) for platform in Platform}


@pytest.fixture
def version(
    few_rules: None, people: People, channels: dict[Platform, Channel], settings: Any
) -> PolicyVersion:
    settings.SITE_URL = "https://sns.jspm.ne.jp"
    load_version_1()
    version = made.in_force(people)
    jobs.announce(version.pk)
    return version


def drafts(version: PolicyVersion) -> list[Post]:
    return [row.post for row in PolicyNotice.objects.filter(policy_version=version)]


def test_one_draft_for_words_and_one_for_each_that_needs_a_picture(
    version: PolicyVersion, channels: dict[Platform, Channel]
) -> None:
    together, *alone = drafts(version)
    by_id = {channel.pk: platform for platform, channel in channels.items()}
    assert {by_id[pk] for pk in together.draft.channels} == set(Platform) - PICTURED
    assert [{by_id[pk] for pk in post.draft.channels} for post in alone] == [
        {platform} for platform in sorted(PICTURED, key=lambda p: channels[p].pk)
    ]
    assert {post.state for post in drafts(version)} == {PostState.DRAFT}


def test_every_channel_gets_the_notice_with_its_link(version: PolicyVersion) -> None:
    for post in drafts(version):
        for payload in payloads_of(post).values():
            assert "ソーシャルメディアポリシーを改定しました" in payload.text
            assert "/policy/" in payload.text + payload.card
            platform = Platform(payload.platform)
            assert all(one.fits for one in measure_all(platform, payload.text)), platform


def test_repeating_drafts_nothing_again(version: PolicyVersion) -> None:
    before = Post.objects.count()
    jobs.announce(version.pk)
    jobs.keep_versions()
    assert Post.objects.count() == before
    assert AuditEvent.objects.filter(verb="policy.announced").count() == 1


def test_the_first_version_is_not_announced(few_rules: None, people: People) -> None:
    first = load_version_1()
    jobs.announce(first.pk)
    assert not Post.objects.exists()


def test_without_channels_a_draft_stands_all_the_same(few_rules: None, people: People) -> None:
    load_version_1()
    version = made.in_force(people)
    jobs.announce(version.pk)
    (post,) = drafts(version)
    assert post.draft.body.startswith("日本緩和医療学会ソーシャルメディアポリシーを改定しました")
    assert made.SUMMARY in post.draft.body


def test_the_versions_page_lists_them(version: PolicyVersion) -> None:
    rows = announcements.drafted(version)
    assert [row.state for row in rows] == ["下書き"] * 3
    assert "学会 X" in rows[0].places
    assert rows[0].url == f"/posts/{drafts(version)[0].pk}/"


def test_they_pass_the_normal_approval(version: PolicyVersion, people: People) -> None:
    together = drafts(version)[0]
    submission = submit(people.admin, together)
    assert submission.policy_version == version
    for person in (people.member, make_person("second", Role.MEMBER)):  # two: LINE is among them
        approve(person, submission)
    together.refresh_from_db()
    assert together.state == PostState.APPROVED


@pytest.mark.django_db(transaction=True)
def test_two_workers_draft_once(few_rules: None) -> None:
    load_version_1()
    version = made.in_force(make_people())
    start = Barrier(2)

    def work() -> None:
        start.wait()
        jobs.announce(version.pk)
        connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Post.objects.count() == PolicyNotice.objects.count() == 1

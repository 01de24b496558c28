"""What needs a hand: failed effects, tasks, accounts that are not connected."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from jspm_social.platforms.capabilities import NOT_CONNECTED, Outcome
from jspm_social.platforms.errors import Rejected
from jspm_social.platforms.models import Channel
from jspm_social.platforms.operations import judge_error
from jspm_social.platforms.states import ChannelState
from moderation.models import Action, Case, Comment, Decision, ManualTask
from moderation.queries import waiting_counts
from moderation.services.act import finish
from moderation.states import CaseState, TaskState
from tests.moderation.making import (
    after_undo,
    decide_case,
)
from tests.moderation.views.asking import flashed, get, post, revision
from tests.people import People, client_of

pytestmark = pytest.mark.usefixtures("policy")


@pytest.fixture
def failed(case: Case, people: People) -> Action:
    decision = after_undo(decide_case(case, people.moderator))
    decision.actions.update(state="failed", trouble="Rejected: 403", attempts=1)
    Case.objects.update(state=CaseState.ATTENTION)
    return Action.objects.get()


def test_attention_without_trouble_says_so(member: Client) -> None:
    assert "手をかけるものはありません" in get(member, "attention")


def test_attention_says_that_nobody_could_be_told_of_a_care_case(
    case: Case, moderator: Client
) -> None:
    words = "まだ誰にもメールで知らせられていません"
    Case.objects.update(lane="care")
    assert words not in get(moderator, "attention")  # the mail is on its way
    Case.objects.update(opened_at=timezone.now() - timedelta(minutes=3))
    assert words in get(moderator, "attention")
    Case.objects.update(care_notice_at=timezone.now())
    assert words not in get(moderator, "attention")


def test_attention_tells_reason_and_next_step(failed: Action, moderator: Client) -> None:
    page = get(moderator, "attention")
    assert "Xでの非表示を確かめてください" in page
    assert "プラットフォームに断られました。" in page
    assert "もう一度送る" in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ChannelState.RECONNECT, "アカウントの再接続を依頼してください。"),
        (ChannelState.PAUSED, "アカウントの再開を依頼してください。"),
    ],
)
def test_attention_shows_what_waits_for_its_account(
    case: Case, people: People, moderator: Client, state: ChannelState, words: str
) -> None:
    decide_case(case, people.moderator)
    assert "手をかけるものはありません" in get(moderator, "attention")
    Channel.objects.update(state=state)
    page = get(moderator, "attention")
    assert "学会 Xでの非表示がまだ送られていません" in page
    assert words in page
    assert "もう一度送る" not in page
    assert waiting_counts()["attention"] == "1"


def test_attention_says_when_there_is_more_than_it_shows(
    task: ManualTask, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "一部だけを表示しています" not in get(moderator, "attention")
    monkeypatch.setattr("moderation.views.attention.SHOWN", 1)
    ManualTask.objects.create(decision=task.decision, effect="unblock")
    page = get(moderator, "attention")
    assert "一部だけを表示しています" in page
    assert "ブロック解除を行う" not in page


def test_case_tells_trouble_in_plain_words(case: Case, people: People, moderator: Client) -> None:
    decide_case(case, people.moderator)
    Action.objects.update(state="sending")
    finish(Action.objects.get(), judge_error(Rejected("PUT 403"), attempts=1, now=timezone.now()))
    page = get(moderator, "case", case.pk)
    assert "プラットフォームに断られました。" in page
    assert "Rejected" not in page
    assert "PUT 403" not in page


@pytest.mark.parametrize(
    ("verb", "state", "case_state"),
    [
        ("again", "waiting", CaseState.ACTING),
        ("done", "done", CaseState.CLOSED),
        ("give-up", "cancelled", CaseState.CLOSED),
    ],
)
def test_failed_effect_is_settled_by_hand(
    failed: Action, moderator: Client, verb: str, state: str, case_state: CaseState
) -> None:
    page = flashed(post(moderator, "action", failed.pk, verb, note="見てきました"), moderator)
    assert "記録しました。" in page
    failed.refresh_from_db()
    assert (failed.state, Case.objects.get().state) == (state, case_state)


def test_effect_is_not_given_up_without_a_reason(failed: Action, moderator: Client) -> None:
    page = flashed(post(moderator, "action", failed.pk, "give-up", note=" "), moderator)
    assert "理由を書いてください。" in page
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_verbs_that_do_not_exist_are_not_found(
    failed: Action, moderator: Client, people: People
) -> None:
    assert post(moderator, "action", failed.pk, "delete").status_code == 404
    assert post(moderator, "action", 404, "again").status_code == 404
    task = ManualTask.objects.create(decision=Decision.objects.get(), effect="block")
    assert post(moderator, "task", task.pk, "delete").status_code == 404


@pytest.fixture
def task(case: Case, people: People) -> ManualTask:
    """A block on X, confirmed, which a person does on X's own page."""
    decision = after_undo(decide_case(case, people.moderator, Outcome.BLOCK))
    post(client_of(people.moderator2), "confirm", decision.pk, agree="yes")
    return ManualTask.objects.get()


def test_task_is_claimed_done_and_told(
    task: ManualTask, moderator: Client, second: Client, people: People
) -> None:
    assert "私が行う" in get(moderator, "attention")
    post(moderator, "task", task.pk, "claim")
    task.refresh_from_db()
    assert (task.state, task.claimed_by) == (TaskState.CLAIMED, people.moderator)
    assert "済ませた" in get(moderator, "attention")
    assert "済ませた" not in get(second, "attention")
    page = flashed(post(second, "task", task.pk, "claim"), second)
    assert "ほかの人が先に進めました" in page
    post(moderator, "task", task.pk, "done")
    task.refresh_from_db()
    assert task.state == TaskState.DONE
    assert task.decision.case.comment.commenter.blocked


def test_task_is_taken_over_from_somebody_who_is_away(
    task: ManualTask, moderator: Client, second: Client, people: People
) -> None:
    assert "担当を引き継ぐ" not in get(second, "attention")
    post(moderator, "task", task.pk, "claim")
    assert "担当を引き継ぐ" not in get(moderator, "attention")
    assert "担当を引き継ぐ" in get(second, "attention")
    post(second, "task", task.pk, "take-over")
    task.refresh_from_db()
    assert (task.state, task.claimed_by) == (TaskState.CLAIMED, people.moderator2)
    assert "済ませた" in get(second, "attention")


def test_task_is_released_or_not_possible_with_a_reason(
    task: ManualTask, moderator: Client
) -> None:
    post(moderator, "task", task.pk, "claim")
    post(moderator, "task", task.pk, "release")
    task.refresh_from_db()
    assert (task.state, task.claimed_by) == (TaskState.OPEN, None)
    post(moderator, "task", task.pk, "claim")
    page = flashed(post(moderator, "task", task.pk, "not-possible"), moderator)
    assert "できなかった理由を書いてください。" in page
    post(moderator, "task", task.pk, "not-possible", note="見つかりません")
    task.refresh_from_db()
    assert (task.state, task.note) == (TaskState.NOT_POSSIBLE, "見つかりません")
    assert not task.decision.case.comment.commenter.blocked


def test_account_that_is_not_connected_is_served_by_hand(
    channel: Channel, case: Case, moderator: Client
) -> None:
    Channel.objects.update(state=ChannelState.DISCONNECTED)
    assert NOT_CONNECTED in get(moderator, "case", case.pk)
    data = {"revision": revision(case), "outcome": "hide", "criteria": ["エ"]}
    post(moderator, "decide", case.pk, **data)
    assert not Action.objects.exists()
    after_undo(Decision.objects.get())
    task = ManualTask.objects.get()
    assert (task.effect, task.link) == ("hide", case.comment.permalink)
    assert "Xの画面で、このコメントの非表示を行う" in get(moderator, "attention")
    post(moderator, "task", task.pk, "claim")
    post(moderator, "task", task.pk, "done")
    case.refresh_from_db()
    assert (case.state, Comment.objects.get().standing) == (CaseState.CLOSED, "hidden")

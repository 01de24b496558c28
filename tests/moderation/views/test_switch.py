"""The emergency stop."""

import pytest
from django.test import Client

from jspm_social.platforms.models import StopSwitch
from jspm_social.platforms.switch import stop
from moderation.models import Case
from tests.moderation.making import (
    decide_case,
)
from tests.moderation.views.asking import flashed, get, post
from tests.people import People

pytestmark = pytest.mark.usefixtures("policy")


def test_stop_needs_a_reason_and_is_shown_everywhere(member: Client) -> None:
    response = post(member, "switch", reason=" ")
    assert response.status_code == 200
    assert not StopSwitch.objects.exists()
    page = flashed(post(member, "switch", reason="様子がおかしい"), member)
    assert "対応の送信を停止しました。" in page
    page = get(member, "queue")
    assert "対応の送信を停止しています" in page
    assert "member さん、" in page
    assert "：様子がおかしい" in page


def test_stop_pressed_by_two_people_stays_stopped(people: People, moderator: Client) -> None:
    stop(actor=people.member, kind=StopSwitch.Kind.EFFECTS, reason="一人目")
    post(moderator, "switch", reason="二人目")
    assert StopSwitch.objects.get().reason == "一人目"


def test_resume_asks_for_nothing(people: People, moderator: Client, member: Client) -> None:
    stop(actor=people.member, kind=StopSwitch.Kind.EFFECTS, reason="試験")
    page = get(moderator, "switch")
    assert "送信を再開しますか" in page
    assert 'name="reason"' not in page
    assert "再開は、モデレーター・委員長・管理者が行えます" in get(member, "switch")
    assert "送信を再開しました。" in flashed(post(moderator, "switch"), moderator)
    assert not StopSwitch.objects.exists()
    assert "送信は止まっていません。" in flashed(post(moderator, "switch"), moderator)


def test_switch_tells_how_much_waits(case: Case, people: People, member: Client) -> None:
    decide_case(case, people.moderator)
    assert "待っている対応：1件。" in get(member, "switch")

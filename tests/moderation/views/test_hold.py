"""What the case page and the queue say about a comment that a rule has hidden."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from moderation.models import Action, Case, Comment, Hold
from moderation.presenters.case import outcomes
from moderation.services import holds, queue
from moderation.states import HoldState
from policy.criteria import Criterion
from policy.models import RuleSet
from tests.moderation.making import make_channel, store_and_judge, told
from tests.moderation.small_policy import CRITICISM, SEVERE, let_hold
from tests.people import People, client_of

BANNER = "自動でいったん非表示にしました。残すと決めると元に戻ります"


@pytest.fixture
def held(policy: RuleSet, channel: Channel) -> Case:
    """A comment that a rule has hidden."""
    return hold_on(policy, channel)


def hold_on(policy: RuleSet, channel: Channel) -> Case:
    let_hold(policy, {Criterion.UNLAWFUL: 5})
    store_and_judge(channel, told(1, f"{SEVERE}の話"))
    Action.objects.update(state="done", achieved="applied")
    Comment.objects.update(standing="hidden")
    return Case.objects.get()


def page_of(case: Case, people: People) -> str:
    answer = client_of(people.moderator).get(reverse("moderation:case", args=[case.pk]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_tells_who_did_it_and_what_deciding_means(held: Case, people: People) -> None:
    page = page_of(held, people)
    assert BANNER in page
    assert "規則セット2が行いました。人の判断ではありません。" in page
    assert "残す（もう一度表示する）" in page
    assert "コメントをもう一度表示します。" in page
    assert "非表示のままにする" in page
    assert "いまの非表示を続けます。" in page
    assert 'value="restore"' not in page


@pytest.mark.parametrize(
    ("platform", "delete"),
    [
        (Platform.FACEBOOK, "いまの非表示を続けます。確認のあと、コメントを削除します。"),
        (Platform.YOUTUBE, "いまの非表示を続けます。確認のあと、コメントを削除します。"),
        (Platform.X, "Xでは他の人のコメントを削除できないため、非表示にとどめます。"),
    ],
)
def test_each_choice_tells_what_it_does_from_there(
    policy: RuleSet, people: People, platform: Platform, delete: str
) -> None:
    case = hold_on(policy, make_channel(platform))
    shown = {item["value"]: item for item in outcomes(case, "")}
    assert {value: item["label"] for value, item in shown.items()} == {
        "keep": "残す（もう一度表示する）",
        "hide": "非表示のままにする",
        "delete": "削除",
        "block": "ブロック",
    }
    assert shown["keep"]["effect"] == "コメントをもう一度表示します。"
    assert shown["hide"]["effect"] == "いまの非表示を続けます。"
    assert shown["delete"]["effect"] == delete
    assert shown["block"]["effect"].startswith("いまの非表示を続けます。確認のあと、")
    page = page_of(case, people)
    assert "すぐに" not in page
    assert "非表示にします" not in page


def test_what_somebody_has_shown_again_can_be_hidden(held: Case, people: People) -> None:
    Comment.objects.update(standing="visible")
    page = page_of(held, people)
    assert "自動でいったん非表示にしましたが、いまは表示されています" in page
    assert "コメントを非表示にします。" in page
    assert "いまの非表示を続けます" not in page
    assert "残す（もう一度表示する）" not in page
    shown = {item["value"]: item for item in outcomes(Case.objects.get(), "")}
    assert (shown["keep"]["label"], shown["hide"]["label"]) == ("残す", "非表示")
    assert shown["keep"]["effect"] == (
        "いまは表示されています。念のため、非表示を解除する操作を行います。"
    )


def test_of_what_is_gone_nothing_more_is_promised(held: Case, people: People) -> None:
    Comment.objects.update(standing="gone")
    page = page_of(held, people)
    assert "何もしない" in page
    assert "何も変えません。" in page
    assert "もう一度表示する）" not in page


def test_a_hide_under_way_is_not_called_done(held: Case, people: People) -> None:
    Action.objects.update(state="waiting")
    Comment.objects.update(standing="visible")
    page = page_of(held, people)
    assert BANNER not in page
    assert "自動でいったん非表示にするところです。" in page


@pytest.mark.parametrize(
    ("state", "keep", "hide"),
    [
        (
            "waiting",
            "自動の非表示を取りやめます。送ったあとなら、もう一度表示します。",
            "自動で始めた非表示を、この判断で続けます",
        ),
        (
            "sending",
            "自動の非表示を取りやめます。送ったあとなら、もう一度表示します。",
            "自動で始めた非表示を、この判断で続けます",
        ),
        (
            "unknown",
            "非表示になったかを確認中です。もう一度表示する操作を行います。",
            "自動で送った非表示を、この判断で続けます（反映されたかは確認中です）",
        ),
    ],
)
def test_of_what_nobody_knows_yet_nothing_is_claimed(
    policy: RuleSet, people: People, state: str, keep: str, hide: str
) -> None:
    case = hold_on(policy, make_channel(Platform.FACEBOOK))
    Action.objects.update(state=state)
    Comment.objects.update(standing="visible")
    shown = {item["value"]: item for item in outcomes(Case.objects.get(), "")}
    assert (shown["keep"]["label"], shown["hide"]["label"]) == ("残す", "非表示")
    assert shown["keep"]["effect"] == keep
    assert shown["hide"]["effect"] == f"{hide}。"
    assert shown["delete"]["effect"] == f"{hide}。確認のあと、コメントを削除します。"
    assert "いまの非表示を続けます" not in page_of(case, people)


def test_the_page_tells_that_time_ran_out(held: Case, people: People) -> None:
    Hold.objects.update(until=timezone.now() - timedelta(minutes=1))
    assert holds.show_expired() == 1
    page = page_of(held, people)
    assert BANNER not in page
    assert "72時間、判断がなかったため、もう一度表示しました" in page
    assert held.state == "open"


def test_after_a_decision_nothing_is_said_any_more(held: Case, people: People) -> None:
    client_of(people.moderator).post(
        reverse("moderation:decide", args=[held.pk]),
        {"revision": Comment.objects.get().revisions.get().pk, "outcome": "keep"},
    )
    assert Hold.objects.get().state == HoldState.RELEASED
    assert "自動で" not in page_of(held, people)


def test_it_is_first_in_line_with_a_badge(held: Case, channel: Channel, people: People) -> None:
    """Also before what is as severe and came before it, but could not be held."""
    (other,) = store_and_judge(channel, told(2, f"{SEVERE}の話、{CRITICISM}"))
    earlier = Case.objects.get(comment=other)
    Case.objects.filter(pk=earlier.pk).update(opened_at=held.opened_at - timedelta(hours=1))
    queue.enter([earlier])
    page = client_of(people.moderator).get(reverse("moderation:queue")).content.decode()
    assert page.count("自動で非表示中") == 1
    address = reverse("moderation:case", args=[held.pk])
    assert page.index(address) < page.index(reverse("moderation:case", args=[earlier.pk]))

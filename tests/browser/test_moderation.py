"""The moderator's main ways, in a real browser, down to what the platform shows."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from jspm_social.audit.verify import Verified, verify
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.states import OperationState
from moderation import jobs
from moderation.models import Action, Case, Decision
from moderation.states import CaseState, DecisionState, Lane
from tests.browser.conftest import Site, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def open_case(platform: Platform) -> Case:
    """Return the most urgent open case of a platform that is not in the care lane."""
    case = (
        Case.objects.filter(
            state=CaseState.OPEN,
            lane=Lane.QUEUE,
            labels__len__gt=0,
            comment__channel__platform=platform,
        )
        .order_by("urgency", "opened_at", "pk")
        .first()
    )
    assert case is not None
    return case


def decide(page: Page, site: Site, case: Case, outcome: str, note: str = "") -> Decision:
    """Decide a case in the browser and return what was recorded."""
    page.goto(f"{site.url}/cases/{case.pk}/")
    page.get_by_role("radio", name=re.compile(f"^{outcome}")).check()
    page.get_by_label("理由・メモ").fill(note)
    page.get_by_role("button", name="記録").last.click()
    expect(page.get_by_role("group", name="取り消し")).to_be_visible()
    return case.decisions.get()


def let_time_pass() -> None:
    """Let the undo windows close and the workers send what is due."""
    past = timezone.now() - timedelta(seconds=1)
    Decision.objects.update(undo_until=past)
    Action.objects.filter(state=OperationState.WAITING).update(due_at=past)
    for pk in Action.objects.filter(state=OperationState.WAITING).values_list("pk", flat=True):
        jobs.send(pk)


def shown(site: Site, case: Case) -> str:
    """Return how the platform shows the case's comment."""
    state = site.state(Platform(case.comment.channel.platform))
    return next(
        str(comment["state"])
        for comment in state["comments"]
        if comment["id"] == case.comment.remote_id
    )


def test_queue_shows_cases_and_opens_one(site: Site) -> None:
    page = site.log_in("moderator")
    expect(page.get_by_role("heading", name="要判断のコメント")).to_be_visible()
    rows = page.locator("#queue-rows li")
    expect(rows).to_have_count(20)
    rows.first.get_by_role("link").click()
    expect(page.get_by_role("heading", name="ここに届いた理由")).to_be_visible()
    expect(page.locator("mark").first).to_be_visible()


def test_hide_on_x_reaches_the_platform_and_the_audit_trail(site: Site) -> None:
    case = open_case(Platform.X)
    page = site.log_in("moderator")
    decide(page, site, case, "非表示", note="方針4(2)に当たる")
    assert shown(site, case) == "visible"  # nothing is sent while it can be undone
    let_time_pass()
    assert shown(site, case) == "hidden"
    assert Case.objects.get(pk=case.pk).state == CaseState.CLOSED

    auditor = site.log_in("auditor")
    auditor.goto(f"{site.url}/audit/")
    page_text = auditor.locator("main").inner_text()
    assert "moderator さん" in page_text
    assert case.labels[0] in page_text
    assert "方針4(2)に当たる" in page_text
    assert isinstance(verify(), Verified)


def test_delete_on_facebook_hides_first_and_waits_for_a_second_moderator(site: Site) -> None:
    case = open_case(Platform.FACEBOOK)
    page = site.log_in("moderator")
    decision = decide(page, site, case, "削除")
    let_time_pass()
    assert shown(site, case) == "hidden"

    page.goto(f"{site.url}/cases/{case.pk}/")
    expect(page.get_by_role("button", name="同意して実行する")).to_have_count(0)

    other = site.log_in("moderator2")
    other.goto(f"{site.url}/second/")
    other.locator("#queue-rows li").first.get_by_role("link").click()
    other.get_by_role("button", name="同意して実行する").click()
    expect(other.get_by_text("同意を記録しました")).to_be_visible()
    let_time_pass()
    assert shown(site, case) == "removed"
    decision.refresh_from_db()
    assert decision.state == DecisionState.CONFIRMED
    assert list(decision.actions.order_by("pk").values_list("effect", "achieved")) == [
        (Effect.HIDE, "applied"),
        (Effect.DELETE, "applied"),
    ]


def test_block_on_facebook_needs_a_second_moderator(site: Site) -> None:
    case = open_case(Platform.FACEBOOK)
    page = site.log_in("moderator")
    decide(page, site, case, "ブロック", note="繰り返しの勧誘")
    let_time_pass()
    assert site.state(Platform.FACEBOOK)["blocked"] == []

    other = site.log_in("moderator2")
    other.goto(f"{site.url}/cases/{case.pk}/")
    other.get_by_role("button", name="同意して実行する").click()
    let_time_pass()
    assert site.state(Platform.FACEBOOK)["blocked"] == [case.comment.commenter.key]


def test_undo_within_the_window_sends_nothing(site: Site) -> None:
    case = open_case(Platform.YOUTUBE)
    page = site.log_in("moderator")
    decision = decide(page, site, case, "非表示")
    page.get_by_role("button", name="取り消す").click()
    expect(page.get_by_text("判断を取り消しました")).to_be_visible()
    let_time_pass()
    assert shown(site, case) == "visible"
    decision.refresh_from_db()
    assert decision.state == DecisionState.UNDONE
    assert Case.objects.get(pk=case.pk).state == CaseState.OPEN


def test_refused_decision_keeps_what_was_typed(site: Site) -> None:
    case = open_case(Platform.X)
    page = site.log_in("moderator")
    page.goto(f"{site.url}/cases/{case.pk}/")
    page.get_by_role("radio", name=re.compile("^非表示")).check()
    for box in page.get_by_role("checkbox").all():
        if box.is_visible() and box.get_attribute("name") == "criteria":
            box.uncheck()
    page.get_by_label("理由・メモ").fill("家族会からの指摘")
    page.get_by_role("button", name="記録").last.click()
    expect(page.get_by_text("該当する基準を1つ以上選んでください。")).to_be_visible()
    expect(page.get_by_label("理由・メモ")).to_have_value("家族会からの指摘")
    expect(page.get_by_role("radio", name=re.compile("^非表示"))).to_be_checked()


def test_case_page_fits_a_phone(site: Site) -> None:
    case = open_case(Platform.FACEBOOK)
    page = site.log_in("moderator", width=360)
    for path in ("/queue/", f"/cases/{case.pk}/", "/comments/", "/channels/", "/attention/"):
        page.goto(site.url + path)
        fits(page)


def test_flow_without_javascript(site: Site) -> None:
    case = open_case(Platform.X)
    context = site.browser.new_context(java_script_enabled=False, locale="ja-JP")
    site.contexts.append(context)
    page = context.new_page()
    page.goto(f"{site.url}/accounts/login/?next=/cases/{case.pk}/")
    page.fill("[name=username]", "moderator")
    page.fill("[name=password]", "correct horse battery staple")
    page.get_by_role("button", name="ログイン").click()
    page.get_by_role("radio", name=re.compile("^非表示")).check()
    page.get_by_role("button", name="記録").last.click()
    page.get_by_role("button", name="取り消す").click()
    expect(page.get_by_text("判断を取り消しました")).to_be_visible()

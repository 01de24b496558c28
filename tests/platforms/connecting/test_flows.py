"""Connecting through each platform's own page, with real HTTP from end to end."""

import json
import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.connecting.attempts import NotYours, Who, forget_ended, take_back
from jspm_social.platforms.models import Channel, ConnectionAttempt, Credential
from jspm_social.platforms.names import Platform
from jspm_social.platforms.oauth import scopes
from jspm_social.platforms.oauth.flow import challenge_of
from jspm_social.platforms.oauth.flows import FLOWS
from jspm_social.platforms.sandbox.ids import OWN_IDS
from jspm_social.platforms.sandbox.oauth import routes
from jspm_social.platforms.sandbox.oauth.meta import OTHER_PAGE
from jspm_social.platforms.sandbox.store import (
    CLIENT_SECRET,
    FACEBOOK_APP_SECRET,
    SandboxStore,
)
from jspm_social.platforms.sandbox.wire import Reply, Request
from jspm_social.platforms.states import AttemptState, ChannelState
from tests.people import People, client_of

from .conftest import SITE, Visitor

AT_ONCE = [Platform.X, Platform.YOUTUBE, Platform.THREADS, Platform.MASTODON]
CHOSEN = [Platform.FACEBOOK]
EVERY = list(FLOWS)
TOKEN_CALL = {
    Platform.X: "POST /2/oauth2/token",
    Platform.FACEBOOK: "POST /v26.0/oauth/access_token",
    Platform.INSTAGRAM: "POST /v26.0/oauth/access_token",
    Platform.YOUTUBE: "POST /token",
    Platform.THREADS: "POST /oauth/access_token",
    Platform.MASTODON: "POST /oauth/token",
}


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def callback(platform: Platform, **query: str) -> str:
    from urllib.parse import urlencode

    return f"{reverse('platforms:connect_callback', args=[platform])}?{urlencode(query)}"


# --- the question


@pytest.mark.parametrize("platform", EVERY)
def test_the_question_asks_for_exactly_what_is_listed(visitor: Visitor, platform: Platform) -> None:
    asked = query_of(visitor.address(visitor.begin(platform)))
    assert tuple(asked["scope"].replace(",", " ").split()) == scopes.names(platform)
    assert asked["redirect_uri"] == f"{SITE}/channels/connect/back/{platform}/"
    assert asked["response_type"] == "code"
    assert len(asked["state"]) >= 43
    assert "secret" not in "".join(asked)


@pytest.mark.parametrize("platform", EVERY)
def test_the_question_is_protected_where_the_platform_offers_it(
    visitor: Visitor, platform: Platform
) -> None:
    asked = query_of(visitor.address(visitor.begin(platform)))
    proven = platform in {Platform.X, Platform.YOUTUBE, Platform.MASTODON}
    assert ("code_challenge" in asked) is proven
    assert asked.get("code_challenge_method") == ("S256" if proven else None)


def test_challenge_is_that_of_the_standard() -> None:
    """The example of RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_login_configuration_of_meta_replaces_the_list(visitor: Visitor) -> None:
    asked = query_of(visitor.address(visitor.begin(Platform.FACEBOOK, config_id="4711")))
    assert asked["config_id"] == "4711"
    assert "scope" not in asked


def test_two_questions_have_nothing_in_common(visitor: Visitor) -> None:
    first, second = (query_of(visitor.address(visitor.begin(Platform.X))) for _ in range(2))
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]


def test_reloading_the_page_shows_the_same_link(visitor: Visitor) -> None:
    attempt = visitor.begin(Platform.X)
    assert visitor.address(attempt) == visitor.address(attempt)


def test_what_waits_for_the_answer_is_sealed(visitor: Visitor) -> None:
    attempt = visitor.begin(Platform.X)
    state = query_of(visitor.address(attempt))["state"]
    row = json.dumps(
        ConnectionAttempt.objects.filter(pk=attempt.pk).values().get(),
        default=lambda v: str(bytes(v) if isinstance(v, memoryview) else v),
    )
    assert "sandbox-client-secret" not in row
    assert state not in row


def test_mastodon_is_asked_to_register_the_console(visitor: Visitor) -> None:
    visitor.begin(Platform.MASTODON)
    (form,) = [r.form for _, r in visitor.sandbox.requests if r.path == "/api/v1/apps"]
    assert form == {
        "client_name": "広報コンソール",
        "redirect_uris": f"{SITE}/channels/connect/back/mastodon/",
        "scopes": " ".join(scopes.names(Platform.MASTODON)),
        "website": SITE,
    }


def test_a_server_that_offers_no_proof_is_not_asked_for_one(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before Mastodon 4.3, and on servers that follow its API, nothing tells what is offered."""
    usual = routes.TOKENS["mastodon"]

    def older(request: Request, store: SandboxStore) -> Reply | None:
        return Reply(404) if request.path.startswith("/.well-known") else usual(request, store)

    monkeypatch.setattr(routes, "TOKENS", {**routes.TOKENS, "mastodon": older})
    address = visitor.address(visitor.begin(Platform.MASTODON))
    assert "code_challenge" not in address
    visitor.client.get(visitor.answer(address))
    assert Channel.objects.get().account_id == OWN_IDS["mastodon"]


# --- granted


@pytest.mark.parametrize("platform", AT_ONCE)
def test_granted_means_connected(visitor: Visitor, platform: Platform) -> None:
    page = visitor.connect(platform)
    channel = Channel.objects.get()
    assert page.redirect_chain[-1][0] == reverse("platforms:connection", args=[channel.pk])
    assert "を接続しました。" in page.content.decode()
    assert (channel.account_id, channel.state) == (OWN_IDS[platform], ChannelState.ACTIVE)
    assert (channel.name, channel.base_url) == (
        f"学会 {platform.label}",
        visitor.sandbox.base_url(platform),
    )
    assert set(channel.granted or ()) == set(scopes.names(platform))
    tokens = visitor.sandbox.store.world(platform).tokens
    assert channel.access().secrets["access_token"] == tokens.access
    assert not ConnectionAttempt.objects.exists()


@pytest.mark.parametrize(
    ("platform", "number", "account"),
    [
        (Platform.FACEBOOK, 0, OWN_IDS["facebook"]),
        (Platform.FACEBOOK, 1, OTHER_PAGE),
        (Platform.INSTAGRAM, None, OWN_IDS["instagram"]),
    ],
)
def test_a_page_is_chosen_where_there_are_several(
    visitor: Visitor, platform: Platform, number: int | None, account: str
) -> None:
    page = visitor.connect(platform)
    if number is not None:  # one of the two Pages has an Instagram account
        assert not Channel.objects.exists()
        assert "支部（練習用）" in page.content.decode()
        attempt = ConnectionAttempt.objects.get()
        url = reverse("platforms:connect_choose", args=[attempt.pk])
        page = visitor.client.post(url, {"account": str(number)}, follow=True)
    channel = Channel.objects.get()
    assert channel.account_id == account
    assert "を接続しました。" in page.content.decode()
    assert set(channel.granted or ()) == set(scopes.names(platform))
    assert not ConnectionAttempt.objects.exists()


def test_the_key_that_signs_webhooks_is_kept_beside_the_tokens(visitor: Visitor) -> None:
    visitor.connect(Platform.X, consumer_secret="signs-webhooks")
    assert Channel.objects.get().access().secrets["consumer_secret"] == "signs-webhooks"


def test_nothing_is_chosen_by_mistake(visitor: Visitor) -> None:
    visitor.connect(Platform.FACEBOOK)
    attempt = ConnectionAttempt.objects.get()
    url = reverse("platforms:connect_choose", args=[attempt.pk])
    for data in ({}, {"account": "7"}, {"account": "x"}):
        assert visitor.client.post(url, data).status_code == 422
    assert not Channel.objects.exists()
    assert ConnectionAttempt.objects.get().state == AttemptState.CHOOSING


def test_a_choice_is_made_once(visitor: Visitor) -> None:
    visitor.connect(Platform.FACEBOOK)
    url = reverse("platforms:connect_choose", args=[ConnectionAttempt.objects.get().pk])
    assert visitor.client.post(url, {"account": "0"}).status_code == 302
    assert visitor.client.post(url, {"account": "1"}).status_code == 409
    assert Channel.objects.get().account_id == OWN_IDS["facebook"]


@pytest.mark.parametrize("platform", EVERY)
def test_secrets_stand_in_no_page_and_no_event(visitor: Visitor, platform: Platform) -> None:
    pages = [visitor.connect(platform)]
    if platform == Platform.FACEBOOK:
        url = reverse("platforms:connect_choose", args=[ConnectionAttempt.objects.get().pk])
        pages.append(visitor.client.post(url, {"account": "0"}, follow=True))
    channel = Channel.objects.get()
    secrets = {value for name, value in channel.access().secrets.items() if name != "client_id"}
    shown = "".join(page.content.decode() for page in pages)
    told = json.dumps(list(AuditEvent.objects.values("details")))
    assert [s for s in secrets if s in shown or s in told] == []
    assert AuditEvent.objects.latest("pk").verb == "channel.connected"


@pytest.mark.parametrize("platform", EVERY)
def test_secrets_stand_in_no_log_line(
    visitor: Visitor, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    """Threads wants a secret in an address: no library of ours writes addresses down."""
    caplog.set_level(logging.DEBUG)
    visitor.connect(platform)
    codes = visitor.sandbox.store.consents
    hidden = {CLIENT_SECRET, FACEBOOK_APP_SECRET, *codes.codes, *codes.users, *codes.apps.values()}
    assert [secret for secret in hidden if secret in caplog.text] == []


def test_only_the_page_s_own_token_is_kept_of_meta(visitor: Visitor) -> None:
    visitor.connect(Platform.INSTAGRAM)
    kept = Channel.objects.get().access().secrets
    assert set(kept) == {"access_token", "app_secret", "client_id"}
    assert kept["access_token"] not in visitor.sandbox.store.consents.users


# --- denied, lost, refused


@pytest.mark.parametrize("platform", EVERY)
def test_denied_is_said_and_can_be_asked_again(visitor: Visitor, platform: Platform) -> None:
    attempt = visitor.begin(platform)
    back = visitor.answer(visitor.address(attempt), yes=False)
    page = visitor.client.get(back, follow=True).content.decode()
    assert "許可されなかったため、接続しませんでした" in page
    assert visitor.token_calls() == []
    assert not Channel.objects.exists()
    visitor.client.post(reverse("platforms:connect_again", args=[attempt.pk]))
    visitor.client.get(visitor.answer(visitor.address(attempt)))
    if platform == Platform.FACEBOOK:
        url = reverse("platforms:connect_choose", args=[attempt.pk])
        visitor.client.post(url, {"account": "0"})
    assert Channel.objects.get().account_id == OWN_IDS[platform]


@pytest.mark.parametrize("platform", EVERY)
@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "5xx", "malformed_json"])
def test_a_lost_token_answer_is_said_and_can_be_asked_again(
    visitor: Visitor, platform: Platform, fault: str
) -> None:
    attempt = visitor.begin(platform)
    back = visitor.answer(visitor.address(attempt))
    visitor.sandbox.faults.add(fault, platform=platform, match=TOKEN_CALL[platform])
    lost = visitor.client.get(back, follow=True)
    assert "返事を受け取れませんでした" in lost.content.decode()
    assert not Channel.objects.exists()
    assert visitor.client.get(back).status_code == 409  # the code is not tried a second time
    visitor.client.post(reverse("platforms:connect_again", args=[attempt.pk]))
    page = visitor.client.get(visitor.answer(visitor.address(attempt)), follow=True)
    if platform == Platform.FACEBOOK:
        url = reverse("platforms:connect_choose", args=[attempt.pk])
        page = visitor.client.post(url, {"account": "0"}, follow=True)
    assert "を接続しました。" in page.content.decode()


@pytest.mark.parametrize("platform", [p for p in EVERY if p != Platform.MASTODON])
def test_a_wrong_secret_is_said_and_what_else_was_typed_is_kept(
    visitor: Visitor, platform: Platform
) -> None:
    attempt = visitor.begin(platform, client_secret="wrong", name="私たちの名称")
    page = visitor.client.get(visitor.answer(visitor.address(attempt)), follow=True)
    assert "IDかシークレットが正しくないようです" in page.content.decode()
    assert not Channel.objects.exists()
    form = visitor.client.get(page.context["form_url"]).content.decode()
    assert "私たちの名称" in form
    assert "sandbox-client" in form
    assert "wrong" not in form


@pytest.mark.parametrize("platform", EVERY)
def test_a_code_that_somebody_used_before_is_refused(visitor: Visitor, platform: Platform) -> None:
    attempt = visitor.begin(platform)
    back = visitor.answer(visitor.address(attempt))
    visitor.sandbox.store.consents.codes[query_of(back)["code"]].used = True
    page = visitor.client.get(back, follow=True).content.decode()
    assert "期限が切れたか、すでに使われています" in page
    assert not Channel.objects.exists()


@pytest.mark.parametrize("platform", [Platform.X, Platform.YOUTUBE, Platform.MASTODON])
def test_a_code_is_of_no_use_without_the_verifier(visitor: Visitor, platform: Platform) -> None:
    """A code that was caught on the way is put into another attempt's return."""
    stolen = query_of(visitor.answer(visitor.address(visitor.begin(platform))))["code"]
    state = query_of(visitor.address(visitor.begin(platform, name="別の名称")))["state"]
    page = visitor.client.get(callback(platform, code=stolen, state=state), follow=True)
    assert "期限が切れたか、すでに使われています" in page.content.decode()
    assert not Channel.objects.exists()


# --- states that are not ours


def refused(visitor: Visitor, url: str) -> None:
    """Nothing was exchanged, a page says what to do, and the trail tells of it."""
    page = visitor.client.get(url)
    assert page.status_code == 409
    assert "はじめからやり直す" in page.content.decode()
    assert visitor.token_calls() == []
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.details["why"]) == ("channel.not_connected", "state")


@pytest.mark.parametrize("state", ["", "made-up", "\x00", "あ" * 3000])
def test_a_made_up_state_is_refused(visitor: Visitor, state: str) -> None:
    visitor.begin(Platform.X)
    refused(visitor, callback(Platform.X, code="c", state=state))


def test_a_state_is_good_once(visitor: Visitor) -> None:
    back = visitor.answer(visitor.address(visitor.begin(Platform.X)))
    assert visitor.client.get(back).status_code == 302
    calls = len(visitor.token_calls())
    assert visitor.client.get(back).status_code == 409
    assert len(visitor.token_calls()) == calls == 1
    assert Channel.objects.count() == Credential.objects.count() == 1


def test_a_state_ends_after_ten_minutes(visitor: Visitor) -> None:
    back = visitor.answer(visitor.address(visitor.begin(Platform.FACEBOOK)))
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1), tick=False):
        refused(visitor, back)


def test_a_state_is_good_for_its_own_platform_only(visitor: Visitor) -> None:
    back = query_of(visitor.answer(visitor.address(visitor.begin(Platform.FACEBOOK))))
    refused(visitor, callback(Platform.INSTAGRAM, **back))


def test_a_state_is_good_in_its_own_browser_only(visitor: Visitor, people: People) -> None:
    back = visitor.answer(visitor.address(visitor.begin(Platform.X)))
    elsewhere = Visitor(people.admin, client_of(people.admin), visitor.sandbox)
    refused(elsewhere, back)
    assert visitor.client.get(back).status_code == 302  # and it is not used up by that


def test_a_state_is_good_for_its_own_person_only(visitor: Visitor, people: People) -> None:
    people.chair.roles = ["admin"]
    people.chair.save()
    back = visitor.answer(visitor.address(visitor.begin(Platform.X)))
    refused(Visitor(people.chair, client_of(people.chair), visitor.sandbox), back)
    sent = query_of(back)
    same_browser = Who(people.chair, visitor.client.session.session_key or "")
    with pytest.raises(NotYours):
        take_back(who=same_browser, platform=Platform.X, state=sent["state"], code=sent["code"])
    assert visitor.token_calls() == []


def test_who_was_logged_out_meanwhile_logs_in_without_the_code_in_the_address(
    visitor: Visitor,
) -> None:
    back = visitor.answer(visitor.address(visitor.begin(Platform.X)))
    visitor.client.logout()
    answer = visitor.client.get(back)
    assert answer.headers["Location"] == f"/accounts/login/?next={reverse('platforms:connect')}"
    assert visitor.token_calls() == []


def test_a_second_tab_has_a_state_of_its_own(visitor: Visitor) -> None:
    """Two attempts at once do not disturb one another; the second finds the account connected."""
    one, two = visitor.begin(Platform.X), visitor.begin(Platform.X, name="もう一つの名称")
    first, second = (visitor.answer(visitor.address(attempt)) for attempt in (one, two))
    assert visitor.client.get(second).status_code == 302
    assert visitor.client.get(first).status_code == 302
    assert Channel.objects.get().name == "もう一つの名称"
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["channel.connected", "channel.reconnected"]


def test_what_nobody_finished_is_erased(visitor: Visitor) -> None:
    visitor.begin(Platform.X)
    assert forget_ended() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert forget_ended() == 1
    assert not ConnectionAttempt.objects.exists()


# --- what was granted


@pytest.mark.parametrize(
    ("platform", "without", "said"),
    [
        (Platform.FACEBOOK, "pages_manage_engagement", "コメントへの対応"),
        (Platform.INSTAGRAM, "instagram_manage_comments", "コメントへの対応"),
        (Platform.THREADS, "threads_content_publish", "投稿の公開"),
        (Platform.YOUTUBE, scopes.names(Platform.YOUTUBE)[0], "コメントへの対応"),
    ],
)
def test_a_permission_that_was_declined_is_shown(
    visitor: Visitor, platform: Platform, without: str, said: str
) -> None:
    attempt = visitor.begin(platform)
    back = visitor.answer(visitor.address(attempt), without=frozenset({without}))
    page = visitor.client.get(back, follow=True)
    if platform == Platform.FACEBOOK:
        url = reverse("platforms:connect_choose", args=[attempt.pk])
        page = visitor.client.post(url, {"account": "0"}, follow=True)
    shown = page.content.decode()
    assert f"「{said}」の一部ができません" in shown
    assert shown.count("許可されていません") == 1
    assert without not in (Channel.objects.get().granted or [])
    lost = scopes.lacking(platform, Channel.objects.get().permissions)
    assert shown.count("権限がありません") == len(lost)


def test_a_permission_for_another_page_is_none_for_ours(visitor: Visitor) -> None:
    visitor.sandbox.store.consents.granular["pages_manage_engagement"] = [OTHER_PAGE]
    visitor.connect(Platform.FACEBOOK)
    url = reverse("platforms:connect_choose", args=[ConnectionAttempt.objects.get().pk])
    visitor.client.post(url, {"account": "0"})
    assert "pages_manage_engagement" not in (Channel.objects.get().granted or [])


@pytest.mark.parametrize(
    ("platform", "name"),
    [(Platform.FACEBOOK, "pages_messaging"), (Platform.INSTAGRAM, "instagram_manage_messages")],
)
def test_a_token_that_could_write_to_people_is_not_kept(
    visitor: Visitor, platform: Platform, name: str
) -> None:
    attempt = visitor.begin(platform)
    back = visitor.answer(visitor.address(attempt))
    codes = visitor.sandbox.store.consents.codes
    codes[query_of(back)["code"]].scopes += (name,)
    page = visitor.client.get(back, follow=True)
    if platform == Platform.FACEBOOK:
        url = reverse("platforms:connect_choose", args=[attempt.pk])
        page = visitor.client.post(url, {"account": "0"}, follow=True)
    assert "返信やメッセージの送信ができてしまうため" in page.content.decode()
    assert not Channel.objects.exists()
    assert not Credential.objects.exists()


def test_no_account_behind_the_permission_is_said(visitor: Visitor) -> None:
    attempt = visitor.begin(Platform.FACEBOOK)
    back = visitor.answer(visitor.address(attempt), without=frozenset({"pages_show_list"}))
    page = visitor.client.get(back, follow=True).content.decode()
    assert "管理しているFacebookページが見つかりませんでした" in page
    assert not Channel.objects.exists()

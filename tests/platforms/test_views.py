"""The page of the society's accounts."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.budgets import ledger
from jspm_social.platforms.budgets.ledger import Entry
from jspm_social.platforms.budgets.meters import kind_of
from jspm_social.platforms.budgets.windows import span
from jspm_social.platforms.errors import AuthExpired
from jspm_social.platforms.health import note_trouble
from jspm_social.platforms.models import (
    BudgetUse,
    Channel,
    Credential,
    Heartbeat,
    WebhookAddress,
    WebhookDelivery,
)
from jspm_social.platforms.names import Platform
from jspm_social.platforms.states import ChannelState, OperationState
from jspm_social.platforms.vault import seal
from jspm_social.templatetags.ja import moment_text
from moderation.models import Action
from tests.moderation.making import decide_case, make_channel, open_case, store, told
from tests.moderation.small_policy import load_small_policy
from tests.people import People, client_of

URL = "/channels/"


@pytest.fixture
def client(people: People) -> Client:
    return client_of(people.member)


def shown(client: Client) -> str:
    return client.get(URL).content.decode()


def test_page_without_any_account_says_so(client: Client) -> None:
    assert "接続されたアカウントはありません" in shown(client)


def test_page_shows_what_is_possible_on_each_platform(client: Client) -> None:
    make_channel(Platform.X)
    page = shown(client)
    assert "学会 X" in page
    assert "画面で行います" in page
    assert "本学会の投稿への返信に限ります。" in page
    assert "まだありません" in page


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("Transient: 503", "自動でやり直しています。"),
        ("RateLimited: 429", "時間がたつと自動で再開します。"),
        ("AuthExpired: 401", "管理者が接続し直してください。"),
        ("Rejected: something", "管理者が接続を確かめてください。"),
        ("ReadingPaused: youtube.units", "利用枠が新しくなると、自動で再開します。"),
        ("Unsupported: X 402", "管理者が、プラットフォームの契約と権限を確かめてください。"),
        ("OutcomeUnknown: cut", "自動でやり直しています。"),
        ("KeyError: an error of the console itself", "サーバーの記録を確かめてください。"),
    ],
)
def test_page_tells_trouble_in_plain_words(client: Client, trouble: str, words: str) -> None:
    channel = make_channel()
    Channel.objects.filter(pk=channel.pk).update(trouble=trouble, state=ChannelState.RECONNECT)
    page = shown(client)
    assert words in page
    assert "再接続が必要" in page
    assert trouble not in page


def test_page_tells_until_when_the_platform_wants_rest(client: Client) -> None:
    channel = make_channel()
    later = timezone.now() + timedelta(hours=1)
    Channel.objects.filter(pk=channel.pk).update(calm_until=later, pulled_at=timezone.now())
    assert "以降（プラットフォームの制限）" in shown(client)
    Channel.objects.filter(pk=channel.pk).update(calm_until=timezone.now())
    assert "以降（プラットフォームの制限）" not in shown(client)


def test_page_tells_whether_the_machinery_lives(client: Client) -> None:
    assert shown(client).count("止まっているようです") == 2
    Heartbeat.objects.create(name="act", at=timezone.now())
    Heartbeat.objects.create(name="intake", at=timezone.now() - timedelta(minutes=3))
    page = shown(client)
    assert (page.count("動いています"), page.count("止まっているようです")) == (1, 1)


def test_page_escapes_names(client: Client) -> None:
    Channel.objects.create(platform="x", name="<b>名", account_id="1", account_name="<i>名")
    page = shown(client)
    assert "&lt;b&gt;名" in page
    assert "&lt;i&gt;名" in page
    assert "<i>名" not in page


def test_page_asks_as_often_for_one_account_as_for_three(client: Client) -> None:
    make_channel(name="一")
    with CaptureQueriesContext(connection) as one:
        client.get(URL)
    make_channel(name="二")
    make_channel(name="三")
    with CaptureQueriesContext(connection) as three:
        client.get(URL)
    assert len(one) == len(three)
    assert len(queries_of(three, "platforms_budgetuse")) == 1
    assert len(queries_of(three, "moderation_action")) <= 5  # two of them are the navigation's


def queries_of(found: CaptureQueriesContext, table: str) -> list[str]:
    return [query["sql"] for query in found if table in query["sql"]]


# --- one account


def page_of(client: Client, channel: Channel) -> str:
    return client.get(f"/channels/{channel.pk}/").content.decode()


def spend(channel: Channel, meter: str, used: int, limit: int | None = None) -> None:
    starts_at, ends_at = span(kind_of(meter).window, timezone.now())
    ledger.add(channel.pk, [Entry(meter, starts_at, ends_at, used, limit)])


def update(channel: Channel, **changes: Any) -> None:
    Channel.objects.filter(pk=channel.pk).update(**changes)


def connected(channel: Channel, **times: Any) -> None:
    Credential.objects.create(channel=channel, sealed=seal({}), **times)


@pytest.mark.parametrize("platform", list(Platform))
def test_every_platform_has_a_page(client: Client, platform: Platform) -> None:
    page = page_of(client, make_channel(platform))
    assert f"学会 {platform.label}" in page
    assert "できること" in page


@pytest.mark.parametrize(
    ("used", "words", "tone"),
    [
        (7_400, "7,400 / 10,000単位（74%）", "good"),
        (7_512, "残りを長持ちさせるため", "warn"),
        (9_000, "コメントの取得を休んでいます。", "bad"),
        (10_000, "使い切りました。", "bad"),
    ],
)
def test_budget_is_told_with_what_follows_from_it(
    client: Client, used: int, words: str, tone: str
) -> None:
    channel = make_channel(Platform.YOUTUBE)
    spend(channel, "youtube.units", used)
    page = page_of(client, channel)
    assert words in page
    assert f'<div class="gauge tone-{tone}">' in page
    assert f'aria-label="1日の割り当ての{used // 100}%を使用"' in page
    assert "に新しくなります。" in page
    assert f"{used:,} / 10,000単位" in shown(client)


def test_budget_that_a_platform_tells_is_shown_while_it_holds(client: Client) -> None:
    channel = make_channel(Platform.THREADS)
    assert "いまのところ、プラットフォームは利用枠を知らせていません。" in page_of(client, channel)
    spend(channel, "meta.usage", 81)
    page = page_of(client, channel)
    assert '<strong class="number">81%</strong>' in page
    BudgetUse.objects.update(ends_at=timezone.now())
    assert "81%" not in page_of(client, channel)


def test_budget_that_is_told_per_list_shows_the_tightest(client: Client) -> None:
    channel = make_channel(Platform.X)
    spend(channel, "x.rate:search", 30, 300)
    spend(channel, "x.rate:mentions", 270, 300)
    page = page_of(client, channel)
    assert "270 / 300回（90%）" in page
    assert "30 / 300回" not in page


def test_money_is_shown_with_and_without_a_ceiling(people: People) -> None:
    channel, admin = make_channel(Platform.X), client_of(people.admin)
    spend(channel, "x.dollars", 12_345_000)
    page = page_of(admin, channel)
    assert "12.35ドル" in page
    assert "月の上限は決められていません。" in page
    assert admin.post(f"/channels/{channel.pk}/ceiling/", {"dollars": "50"}).status_code == 302
    page = page_of(admin, channel)
    assert "12.35 / 50.00ドル（24%）" in page
    assert "月の上限は50ドルです。" in page
    event = AuditEvent.objects.latest("id")
    assert (event.verb, event.details) == ("channel.ceiling", {"before": None, "after": 50})
    admin.post(f"/channels/{channel.pk}/ceiling/", {"dollars": ""})
    assert "月の上限は決められていません。" in page_of(admin, channel)


def test_new_ceiling_lets_reading_find_out_anew(people: People) -> None:
    channel, admin = make_channel(Platform.X), client_of(people.admin)
    update(channel, read_after=timezone.now() + timedelta(days=9), monthly_ceiling=5)
    admin.post(f"/channels/{channel.pk}/ceiling/", {"dollars": "500"})
    assert Channel.objects.get().read_after is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [("4", "5ドル以上"), ("100001", "10万ドル以下"), ("たくさん", "数字で"), ("-1", "5ドル以上")],
)
def test_ceiling_that_makes_no_sense_is_refused_and_stays_typed(
    people: People, typed: str, words: str
) -> None:
    channel, admin = make_channel(Platform.X), client_of(people.admin)
    answer = admin.post(f"/channels/{channel.pk}/ceiling/", {"dollars": typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert f'value="{typed}"' in page
    assert Channel.objects.get().monthly_ceiling is None


def test_ceiling_is_for_what_costs_money_and_for_admins(client: Client, people: People) -> None:
    channel, admin = make_channel(Platform.YOUTUBE), client_of(people.admin)
    url = f"/channels/{channel.pk}/ceiling/"
    assert admin.post(url, {"dollars": "50"}).status_code == 404
    assert "月の上限" not in page_of(admin, channel)
    assert "月の上限を決める" not in page_of(client, make_channel(Platform.X))


def test_end_of_a_connection_is_told_with_its_weekday(client: Client) -> None:
    channel = make_channel(Platform.THREADS)
    assert "接続されていません。" in page_of(client, channel)
    connected(channel, expires_at=timezone.now() + timedelta(days=40))
    page = page_of(client, channel)
    assert moment_text(timezone.now() + timedelta(days=40))[:-5] in page
    assert "30日前から、自動で更新します。" in page
    assert "接続の期限が近づいています" not in shown(client)


@pytest.mark.parametrize(
    ("platform", "field", "words"),
    [
        (Platform.THREADS, "expires_at", "自動で更新できませんでした。"),
        (Platform.YOUTUBE, "expires_at", "自動では更新できません。"),
        (Platform.FACEBOOK, "data_access_until", "自動では更新できません。"),
    ],
)
def test_end_that_is_near_asks_for_a_person(
    client: Client, platform: Platform, field: str, words: str
) -> None:
    channel = make_channel(platform)
    connected(channel, **{field: timezone.now() + timedelta(days=13)})
    assert words in page_of(client, channel)
    assert "接続の期限が近づいています" in shown(client)


def test_connection_without_an_end(client: Client) -> None:
    channel = make_channel(Platform.X)
    connected(channel)
    assert "期限はないか、自動で更新されます。" in page_of(client, channel)


def test_broken_connection_is_told_to_everybody(client: Client, people: People) -> None:
    channel = make_channel()
    note_trouble(channel=channel, error=AuthExpired("401"))
    assert "管理者に、接続し直すよう知らせてください。" in page_of(client, channel)
    assert f'href="/channels/{channel.pk}/connect/"' in page_of(client_of(people.admin), channel)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(5, None), (7, "予定より6分遅れ"), (600, "予定より9時間遅れ"), (60 * 72, "予定より2日遅れ")],
)
def test_lag_is_told_where_it_is_worth_a_word(
    client: Client, minutes: int, words: str | None
) -> None:
    channel = make_channel()
    update(channel, pulled_at=timezone.now() - timedelta(minutes=minutes))
    for page in (page_of(client, channel), shown(client)):
        assert (words in page) if words else ("遅れ" not in page)


@pytest.mark.parametrize(
    ("changes", "late"),
    [
        ({"state": ChannelState.PAUSED}, False),
        ({"read_after": timedelta(minutes=1)}, False),
        ({"calm_until": timedelta(minutes=-4)}, False),
        ({"calm_until": timedelta(minutes=-6)}, True),
    ],
)
def test_lag_counts_from_when_it_should_have_been(
    client: Client, changes: dict[str, Any], *, late: bool
) -> None:
    now = timezone.now()
    moved = {k: now + v if isinstance(v, timedelta) else v for k, v in changes.items()}
    channel = make_channel()
    update(channel, pulled_at=now - timedelta(hours=3), **moved)
    assert ("遅れ" in page_of(client, channel)) is late


def test_next_reading_is_told_with_its_reason(client: Client) -> None:
    channel, later = make_channel(), timezone.now() + timedelta(hours=1)
    update(channel, read_after=later)
    assert "以降（利用枠を長持ちさせるため）" in page_of(client, channel)
    update(channel, calm_until=later + timedelta(minutes=1))
    assert "以降（プラットフォームの制限）" in page_of(client, channel)


def test_what_waits_is_counted_by_its_state(client: Client, people: People) -> None:
    load_small_policy()
    channel = make_channel()
    for number in range(6):
        decide_case(open_case(store(channel, told(number))[0]), people.moderator)
    ids = list(Action.objects.values_list("pk", flat=True))
    Action.objects.filter(pk__in=ids[:2]).update(state=OperationState.UNKNOWN)
    Action.objects.filter(pk=ids[2]).update(state=OperationState.FAILED)
    Action.objects.filter(pk=ids[3]).update(state=OperationState.DONE)
    page = page_of(client, channel)
    assert "送信待ち2件・結果不明2件・失敗1件" in page
    assert "「対応の残り」のページで確かめる" in page
    assert "確かめるもの3件" in shown(client)
    other = make_channel(name="もうひとつ")
    assert "<dd>ありません</dd>" in page_of(client, other)


def test_accounts_that_need_a_person_stand_first(client: Client) -> None:
    make_channel(Platform.BLUESKY, "い")
    broken = make_channel(Platform.YOUTUBE, "ろ")
    update(broken, state=ChannelState.RECONNECT)
    page = shown(client)
    assert page.index("ろ</a>") < page.index("い</a>")


def test_page_of_one_account_asks_a_fixed_number_of_times(
    client: Client, people: People, django_assert_max_num_queries: Any
) -> None:
    load_small_policy()
    channel = make_channel()
    for number in range(5):
        decide_case(open_case(store(channel, told(number))[0]), people.moderator)
        spend(channel, "x.writes", number)
    with CaptureQueriesContext(connection) as found:
        page_of(client, channel)
    assert len(queries_of(found, "platforms_")) <= 8
    assert len(found) <= 18


def test_page_of_an_account_that_is_not_there(client: Client) -> None:
    assert client.get("/channels/4711/").status_code == 404


def test_last_webhook_is_told_where_there_is_an_address(client: Client) -> None:
    channel = make_channel()
    assert "最後の知らせ" not in page_of(client, channel)
    WebhookAddress.objects.create(channel=channel, token="t")
    assert "最近はありません" in page_of(client, channel)
    WebhookDelivery.objects.create(channel=channel, key="k", body=b"")
    earlier = timezone.now() - timedelta(minutes=9)
    WebhookDelivery.objects.update(received_at=earlier)
    assert ">9分前</time>" in page_of(client, channel)

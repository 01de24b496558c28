"""What each request costs, and what each answer tells: the price tables, line by line."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jspm_social.platforms.budgets.charges import TARIFFS, Spent, Told, tariff_of
from jspm_social.platforms.budgets.meters import kind_of
from jspm_social.platforms.metering import Answer, Asked
from jspm_social.platforms.names import Platform

NOW = datetime(2026, 9, 1, 9, 50, tzinfo=UTC)
RESET = datetime(2026, 9, 1, 10, tzinfo=UTC)
UNIX = "1788256800"  # the same
EXPANDED = {"expansions": "author_id", "max_results": "100"}


def ask(method: str, path: str, params: Any = None, json: Any = None, host: str = "api") -> Asked:
    return Asked(method, host, path, params or {}, json)


def answer(body: Any = None, status: int = 200, /, **headers: str) -> Answer:
    return Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, body)


def charged(platform: Platform, asked: Asked, got: Answer | None) -> list[Spent | Told]:
    return list(tariff_of(platform).charges(asked, got, NOW))


def spent(platform: Platform, asked: Asked, got: Answer | None, meter: str) -> int:
    """What a meter rises by, each thing once."""
    found = [c for c in charged(platform, asked, got) if isinstance(c, Spent) and c.meter == meter]
    return sum({c.once or n: c.amount for n, c in enumerate(found)}.values())


def test_every_platform_has_a_tariff_whose_meters_exist() -> None:
    assert set(TARIFFS) == set(Platform)
    for platform in Platform:
        tariff = tariff_of(platform)
        for name in tariff.cost(ask("POST", "/2/tweets", json={"text": "x"})):
            assert kind_of(name).name == name


# --- YouTube


@pytest.mark.parametrize(
    ("asked", "meter", "units"),
    [
        (ask("GET", "/youtube/v3/commentThreads"), "youtube.units", 1),
        (ask("GET", "/youtube/v3/comments"), "youtube.units", 1),
        (ask("POST", "/youtube/v3/comments/setModerationStatus"), "youtube.units", 50),
        (ask("PUT", "/youtube/v3/videos"), "youtube.units", 50),
        (ask("DELETE", "/youtube/v3/videos"), "youtube.units", 50),
        (ask("POST", "/upload/youtube/v3/thumbnails/set"), "youtube.units", 50),
        (ask("GET", "/youtube/v3/search"), "youtube.searches", 1),
        (ask("POST", "/upload/youtube/v3/videos"), "youtube.uploads", 1),
        (ask("POST", "/resumable/upload/youtube/v3/videos"), "youtube.uploads", 1),
    ],
)
def test_youtube_units(asked: Asked, meter: str, units: int) -> None:
    assert tariff_of(Platform.YOUTUBE).cost(asked) == {meter: units}
    for got in (answer({}), answer({}, 404), None):  # failed and lost calls cost, too
        assert charged(Platform.YOUTUBE, asked, got) == [Spent(meter, units)]
    assert charged(Platform.YOUTUBE, asked, answer({}, 401)) == [Spent(meter, 1)]


def test_youtube_pieces_of_an_upload_and_tokens_are_free() -> None:
    assert tariff_of(Platform.YOUTUBE).cost(ask("PUT", "/upload/youtube/v3/videos")) == {}
    assert charged(Platform.YOUTUBE, ask("POST", "/token", host="oauth"), answer({})) == []


@pytest.mark.parametrize("reason", ["quotaExceeded", "dailyLimitExceeded"])
def test_youtube_is_believed_when_it_says_that_all_is_used_up(reason: str) -> None:
    got = answer({"error": {"errors": [{"reason": reason}]}}, 403)
    found = charged(Platform.YOUTUBE, ask("GET", "/youtube/v3/comments"), got)
    assert found == [Spent("youtube.units", 1), Told("youtube.units", used=10_000)]


# --- X


def posts(*ids: str) -> dict[str, Any]:
    return {"data": [{"id": i} for i in ids]}


@pytest.mark.parametrize(
    ("path", "body", "dollars"),
    [
        ("/2/users/11/mentions", posts("1", "2"), 0.002),
        ("/2/users/11/tweets", posts("1"), 0.001),
        ("/2/users/11/muting", posts("1"), 0.010),  # people, though one's own list
        ("/2/tweets/search/recent", posts("1", "2", "2"), 0.010),
        ("/2/tweets", posts("1", "2", "3"), 0.015),
        ("/2/tweets/1", {"data": {"id": "1"}}, 0.005),
        ("/2/users/me", {"data": {"id": "11"}}, 0.010),
        ("/2/tweets", {"errors": [{"resource_id": "1"}]}, 0),
        (
            "/2/users/11/mentions",
            posts("1")
            | {
                "includes": {
                    "users": [{"id": "22"}, {"id": "23"}],
                    "media": [{"media_key": "3_1"}],
                    "tweets": [{"id": "9"}],
                }
            },
            0.001 + 2 * 0.010 + 0.005 + 0.005,
        ),
    ],
)
def test_x_reads(path: str, body: Any, dollars: float) -> None:
    found = spent(Platform.X, ask("GET", path), answer(body), "x.dollars")
    assert found == round(dollars * 1_000_000)
    assert charged(Platform.X, ask("GET", path), None) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "dollars"),
    [
        ("PUT", "/2/tweets/1/hidden", {"hidden": True}, 0.005),
        ("POST", "/2/users/11/muting", {"target_user_id": "22"}, 0.015),
        ("DELETE", "/2/users/11/muting/22", None, 0.005),
        ("POST", "/2/tweets", {"text": "学術大会のお知らせ"}, 0.015),
        ("POST", "/2/tweets", {"text": "くわしくは https://www.jspm.ne.jp へ"}, 0.200),
        ("POST", "/2/tweets", {"text": "くわしくは jspm.jp へ"}, 0.200),
        ("DELETE", "/2/tweets/1", None, 0.010),
        ("POST", "/2/media/metadata", {"id": "1"}, 0.005),
        ("POST", "/2/media/upload", None, 0),
    ],
)
def test_x_writes(method: str, path: str, body: Any, dollars: float) -> None:
    asked = ask(method, path, json=body)
    assert tariff_of(Platform.X).cost(asked) == {
        "x.dollars": round(dollars * 1_000_000),
        "x.writes": 1,
    }
    assert spent(Platform.X, asked, answer({}), "x.dollars") == round(dollars * 1_000_000)
    assert spent(Platform.X, asked, None, "x.writes") == 1  # it may have happened
    assert charged(Platform.X, asked, answer({}, 403)) == []


def test_x_tokens_are_free() -> None:
    assert tariff_of(Platform.X).cost(ask("POST", "/2/oauth2/token")) == {}
    assert charged(Platform.X, ask("POST", "/2/oauth2/token"), answer({})) == []


@pytest.mark.parametrize(
    ("path", "params", "most"),
    [
        ("/2/users/11/mentions", EXPANDED, 100 * (0.001 + 0.010)),
        ("/2/tweets/search/recent", EXPANDED, 100 * (0.005 + 0.010)),
        ("/2/tweets", {"ids": "1,2,3"}, 3 * 0.005),
        ("/2/tweets/1", {}, 0.005),
        ("/2/users/me", {}, 0.010),
    ],
)
def test_x_knows_beforehand_what_a_list_costs_at_most(path: str, params: Any, most: float) -> None:
    cost = tariff_of(Platform.X).cost(ask("GET", path, params))
    assert cost["x.dollars"] == round(most * 1_000_000)


def test_x_tells_the_rate_per_list() -> None:
    headers = {"x_rate_limit_limit": "300", "x_rate_limit_remaining": "12"}
    got = answer({}, 429, **headers, x_rate_limit_reset=UNIX)
    for path, name in (
        ("/2/users/11/mentions", "mentions"),
        ("/2/tweets/search/recent", "search"),
        ("/2/tweets", "tweets"),
        ("/2/users/me", "users"),
    ):
        told = charged(Platform.X, ask("GET", path), got)
        assert told == [Told(f"x.rate:{name}", 288, 300, RESET)]
        assert kind_of(f"x.rate:{name}").name == "x.rate"
    assert charged(Platform.X, ask("PUT", "/2/tweets/1/hidden"), got) == []


# --- Meta


@pytest.mark.parametrize("platform", [Platform.FACEBOOK, Platform.INSTAGRAM, Platform.THREADS])
def test_meta_percentages(platform: Platform) -> None:
    asked = ask("GET", "/v26.0/me")
    app = json.dumps({"call_count": 12, "total_time": 76, "total_cputime": 3})
    told = Told("meta.usage", 76, ends_at=NOW + timedelta(minutes=15))
    assert charged(platform, asked, answer({}, X_App_Usage=app)) == [told]
    business = json.dumps({"1": [{"call_count": 99, "estimated_time_to_regain_access": 7}]})
    told = Told("meta.usage", 99, ends_at=NOW + timedelta(minutes=7))
    got = answer({"error": {}}, 400, X_App_Usage=app, X_Business_Use_Case_Usage=business)
    assert charged(platform, asked, got) == [told]
    assert charged(platform, asked, answer({})) == []
    assert charged(platform, asked, None) == []


# --- Bluesky


def write(kind: str) -> dict[str, str]:
    return {"$type": f"com.atproto.repo.applyWrites#{kind}"}


@pytest.mark.parametrize(
    ("name", "body", "points"),
    [
        ("com.atproto.repo.createRecord", None, 3),
        ("com.atproto.repo.putRecord", None, 2),
        ("com.atproto.repo.deleteRecord", None, 1),
        ("com.atproto.repo.applyWrites", {"writes": [write("create"), write("delete")]}, 4),
        ("com.atproto.repo.uploadBlob", None, 0),
        ("app.bsky.graph.muteActor", None, 0),
        ("com.atproto.server.refreshSession", None, 0),
    ],
)
def test_bluesky_points(name: str, body: Any, points: int) -> None:
    asked = ask("POST", f"/xrpc/{name}", json=body)
    rises = [Spent(meter, points) for meter in ("bluesky.hour", "bluesky.day") if points]
    assert charged(Platform.BLUESKY, asked, answer({})) == rises
    assert charged(Platform.BLUESKY, asked, None) == rises
    assert charged(Platform.BLUESKY, asked, answer({"error": "InvalidSwap"}, 400)) == []


def test_bluesky_headers_of_a_reading_tell_the_calls() -> None:
    headers = {"RateLimit_Limit": "3000", "RateLimit_Remaining": "2990", "RateLimit_Reset": UNIX}
    asked = ask("GET", "/xrpc/app.bsky.feed.getPostThread")
    told = [Told("bluesky.rate", 10, 3_000, RESET)]
    assert charged(Platform.BLUESKY, asked, answer({}, **headers)) == told
    writing = ask("POST", "/xrpc/com.atproto.repo.uploadBlob")
    assert charged(Platform.BLUESKY, writing, answer({}, **headers)) == []


# --- Mastodon


@pytest.mark.parametrize("reset", ["2026-09-01T10:00:00.000000Z", UNIX])
def test_mastodon_headers(reset: str) -> None:
    headers = {"X_RateLimit_Limit": "300", "X_RateLimit_Remaining": "299"}
    asked = ask("GET", "/api/v1/notifications")
    got = answer([], **headers, X_RateLimit_Reset=reset)
    assert charged(Platform.MASTODON, asked, got) == [Told("mastodon.rate", 1, 300, RESET)]
    assert charged(Platform.MASTODON, asked, answer([], **headers)) == []
    assert charged(Platform.MASTODON, asked, answer([])) == []


# --- LINE


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("message/quota", {"type": "limited", "value": 200}, [Told("line.messages", limit=200)]),
        ("message/quota", {"type": "none"}, []),
        ("message/quota/consumption", {"totalUsage": 150}, [Told("line.messages", used=150)]),
        ("message/broadcast", {}, []),
    ],
)
def test_line_quota(path: str, body: Any, told: list[Told]) -> None:
    assert charged(Platform.LINE, ask("GET", f"/v2/bot/{path}"), answer(body)) == told
    assert charged(Platform.LINE, ask("GET", f"/v2/bot/{path}"), answer(body, 403)) == []

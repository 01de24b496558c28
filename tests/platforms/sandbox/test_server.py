"""The sandbox itself: its memory, its control plane, its page, its manners on the wire."""

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from jspm_social.platforms.sandbox import control, ids, page
from jspm_social.platforms.sandbox.app import SandboxApp
from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox
from jspm_social.platforms.sandbox.store import COMMENTED, PLATFORMS, SandboxStore
from jspm_social.platforms.sandbox.wire import Request

ROOT = Path(__file__).parents[3]


def record(number: int, platform: str = "x", **changes: Any) -> dict[str, Any]:
    at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=number)
    return {
        "id": f"r{number}",
        "platform": platform,
        "post": {"id": "p1", "text": "お知らせ"},
        "author": {"id": f"a{number % 3}", "name": "名前", "handle": "@handle"},
        "text": f"コメント{number}",
        "created_at": at.isoformat(),
        "labels": [],
        **changes,
    }


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def wire(sandbox: Sandbox) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=5)
    yield connection
    connection.close()


def ask(
    wire: http.client.HTTPConnection, method: str, path: str, body: Any = None
) -> tuple[int, Any]:
    sent = None if body is None else json.dumps(body)
    wire.request(method, path, sent, {"Content-Type": "application/json"} if sent else {})
    answer = wire.getresponse()
    content = answer.read()
    kind = answer.headers.get("Content-Type", "")
    return answer.status, json.loads(content) if "json" in kind and content else content.decode()


# --- memory


def test_seed_adds_each_record_once_and_skips_other_platforms() -> None:
    store = SandboxStore()
    records = [record(n, p) for n, p in enumerate(COMMENTED, start=1)] + [record(99, "line")]
    assert store.seed(records) == len(COMMENTED)
    assert store.seed(records) == 0
    for number, platform in enumerate(COMMENTED, start=1):
        (comment,) = store.world(platform).comments.values()
        assert comment.text == f"コメント{number}"
        assert store.remote_id(platform, f"r{number}") == comment.id


def test_seed_shifts_times() -> None:
    store = SandboxStore()
    store.seed([record(0)], shift=timedelta(days=3))
    (comment,) = store.world("x").comments.values()
    assert comment.created_at == datetime(2026, 11, 4, tzinfo=UTC)


@given(st.lists(st.integers(0, 10**7), min_size=2, unique=True))
def test_snowflakes_increase_with_time(minutes: list[int]) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    made = [ids.snowflake(begin + timedelta(minutes=m), "seed") for m in sorted(minutes)]
    assert [int(i) for i in made] == sorted({int(i) for i in made})


@pytest.mark.parametrize(
    ("platform", "source", "kept"),
    [
        ("x", "1507681101086196683", True),
        ("x", "x-user-0132", False),
        ("facebook", "100016887972325", True),
        ("youtube", "UCfc50b20341bfc125712872", True),
        ("youtube", "yt-user-0240", False),
    ],
)
def test_people_keep_ids_that_have_the_right_shape(
    platform: str, source: str, *, kept: bool
) -> None:
    made = ids.person_id(platform, source)
    assert (made == source) is kept
    assert made == ids.person_id(platform, source)
    assert made.startswith("UC") if platform == "youtube" else made.isdigit()


def test_restart_continues_where_it_was(tmp_path: Path) -> None:
    journal = tmp_path / "state" / "journal.jsonl"
    store = SandboxStore(journal)
    store.seed(
        [record(n, p, text="\ud800\0<b>") for n, p in enumerate(COMMENTED)]
        + [record(9, "youtube", parent="r2")]
    )
    store.edit("x", "r0", "書き直し")
    store.delete_by_author("facebook", "r1")
    store.set_person("facebook", "blocked", "5", on=True)
    store.saw_call("x", "hide", "1")
    store.rotate_tokens("x")
    store.expire_token("youtube", revoked=True)
    before, worlds = store.state(), store.worlds
    store.close()
    again = SandboxStore(journal)
    assert again.state() == before
    assert again.worlds == worlds
    assert again.seed([record(0)]) == 0
    again.close()


def test_line_cut_off_by_a_kill_never_happened(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    store = SandboxStore(journal)
    store.seed([record(1)])
    before = store.state()
    store.close()
    with journal.open("a", encoding="ascii") as file:
        file.write('{"op": "comment", "platf')
    store = SandboxStore(journal)
    assert store.state() == before
    store.seed([record(2)])
    after = store.state()
    store.close()
    store = SandboxStore(journal)
    assert store.state() == after
    store.close()


# --- control plane


def test_control_plane_adds_edits_deletes_and_shows(
    sandbox: Sandbox, wire: http.client.HTTPConnection
) -> None:
    assert ask(wire, "POST", "/_sandbox/comments", record(1)) == (200, {"added": 1})
    more = {"records": [record(1), record(2), record(3, "youtube")]}
    assert ask(wire, "POST", "/_sandbox/comments", more) == (200, {"added": 2})
    edit = {"platform": "x", "id": "r1", "text": "新"}
    assert ask(wire, "POST", "/_sandbox/comments/edit", edit) == (200, {"edited": True})
    gone = {"platform": "x", "id": sandbox.store.remote_id("x", "r2")}
    assert ask(wire, "POST", "/_sandbox/comments/delete", gone) == (200, {"deleted": True})
    status, state = ask(wire, "GET", "/_sandbox/state")
    told = {c["source_id"]: (c["text"], c["state"], c["edits"]) for c in state["x"]["comments"]}
    assert status == 200
    assert told == {"r1": ("新", "visible", 1), "r2": ("コメント2", "gone", 0)}
    assert len(state["youtube"]["comments"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/_sandbox/comments/edit", {"platform": "x", "id": "nobody", "text": "a"}, 404),
        ("/_sandbox/comments/edit", {}, 404),
        ("/_sandbox/faults", {"fault": "meteor"}, 400),
        ("/_sandbox/faults", {"fault": "429", "times": "many"}, 400),
        ("/_sandbox/nothing", {}, 404),
    ],
)
def test_control_plane_explains_mistakes(
    wire: http.client.HTTPConnection, path: str, body: Any, status: int
) -> None:
    got, answer = ask(wire, "POST", path, body)
    assert got == status
    assert answer["error"]


def test_control_plane_wants_json_that_no_web_page_can_send_unasked(
    wire: http.client.HTTPConnection,
) -> None:
    wire.request("POST", "/_sandbox/faults/clear", "{}", {"Content-Type": "text/plain"})
    answer = wire.getresponse()
    answer.read()
    assert answer.status == 415


def test_control_plane_gives_credentials(
    sandbox: Sandbox, wire: http.client.HTTPConnection
) -> None:
    for platform in PLATFORMS:
        status, given = ask(wire, "GET", f"/_sandbox/credentials/{platform}")
        assert (status, given) == (200, sandbox.store.credentials(platform))


def test_control_plane_is_deaf_to_other_machines(
    sandbox: Sandbox, wire: http.client.HTTPConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's address is the one thing that cannot be had for real on one machine."""
    monkeypatch.setattr("jspm_social.platforms.sandbox.server.ip_address", lambda _: _Far())
    assert ask(wire, "GET", "/_sandbox/state")[0] == 403
    assert ask(wire, "GET", "/x/2/users/me")[0] == 401  # the platforms still answer


class _Far:
    is_loopback = False


def test_fault_from_the_control_plane_is_used_up(
    sandbox: Sandbox, wire: http.client.HTTPConnection
) -> None:
    fault = {"platform": "x", "match": "GET /2/users/*", "fault": "429", "times": 2, "reset_in": 9}
    assert ask(wire, "POST", "/_sandbox/faults", fault)[0] == 200
    assert [ask(wire, "GET", "/x/2/users/me")[0] for _ in range(3)] == [429, 429, 401]
    ask(wire, "POST", "/_sandbox/faults", fault)
    ask(wire, "POST", "/_sandbox/faults/clear", {})
    assert ask(wire, "GET", "/x/2/users/me")[0] == 401


def test_control_reads_nothing_beyond_its_verbs() -> None:
    app = SandboxApp(SandboxStore())
    for path in ("/", "/credentials/myspace", "/../x"):
        assert control.handle(Request("GET", path, {}, {}), app).status == 404


# --- the page


def test_page_shows_each_comment_with_its_state_in_japanese(
    sandbox: Sandbox, wire: http.client.HTTPConnection
) -> None:
    sandbox.store.seed([record(n, "facebook") for n in range(4)])
    comments = list(sandbox.store.world("facebook").comments.values())
    sandbox.store.set_state("facebook", comments[0].id, "hidden")
    sandbox.store.set_state("facebook", comments[1].id, "removed")
    sandbox.store.set_person("facebook", "blocked", comments[2].author_id, on=True)
    status, shown = ask(wire, "GET", "/?platform=facebook")
    assert status == 200
    rows = {row.partition("</tr>")[0] for row in shown.split("<tr ")[1:]}
    told = {
        row.partition('id="')[2].partition('"')[0]: row.rpartition('class="state">')[2]
        for row in rows
    }
    assert {source: cell.partition("</td>")[0] for source, cell in told.items()} == {
        "r0": "非表示",
        "r1": "削除",
        "r2": "表示中<br>ブロック",
        "r3": "表示中",
    }


HOSTILE = "<script>alert(1)</script>\"'><img onerror=x>\0\ud800\u202e&lt;"


def test_page_escapes_everything(sandbox: Sandbox, wire: http.client.HTTPConnection) -> None:
    hostile = record(
        1,
        id=HOSTILE,
        post={"id": "p", "text": HOSTILE},
        author={"id": "a", "name": HOSTILE, "handle": HOSTILE},
        text=HOSTILE,
    )
    sandbox.store.seed([hostile])
    status, shown = ask(wire, "GET", "/?platform=x")
    assert status == 200
    assert "<script" not in shown
    assert "<img" not in shown
    assert shown.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 5
    assert "\0" not in shown
    assert "\ufffd" in shown


@given(st.text(st.characters()))
def test_page_text_is_always_safe(text: str) -> None:
    safe = page._safe(text)
    safe.encode("utf-8")
    assert not set("<>\"'\0") & set(safe)


def test_page_of_all_names_each_platform(wire: http.client.HTTPConnection) -> None:
    _, shown = ask(wire, "GET", "/")
    assert all(name in shown for name in ("Facebook", "YouTube", "練習用"))


# --- manners on the wire


def test_one_connection_serves_many_requests(
    sandbox: Sandbox, wire: http.client.HTTPConnection
) -> None:
    ask(wire, "GET", "/x/2/users/me")
    first = wire.sock
    for _ in range(5):
        assert ask(wire, "GET", "/x/2/users/me")[0] == 401
    assert wire.sock is first


def test_unknown_platform_is_404(wire: http.client.HTTPConnection) -> None:
    assert ask(wire, "GET", "/myspace/v2/bot/info")[0] == 404


def test_x_answers_in_the_dialect_that_was_asked_for(
    sandbox: Sandbox, wire: http.client.HTTPConnection
) -> None:
    sandbox.store.seed([record(1)])
    token = sandbox.store.credentials("x")["access_token"]
    keys = {}
    for noun in ("post", "tweet"):
        path = f"/x/2/users/{ids.OWN_IDS['x']}/mentions?{noun}.fields=created_at&max_results=5"
        wire.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        keys[noun] = set(json.loads(wire.getresponse().read())["data"][0])
    assert {"referenced_posts", "edit_history_post_ids"} <= keys["post"]
    assert {"referenced_tweets", "edit_history_tweet_ids"} <= keys["tweet"]


# --- the command


def test_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    seed = tmp_path / "seed.jsonl"
    seed.write_text("\n".join(json.dumps(record(n)) for n in range(3)), encoding="utf-8")
    command = [sys.executable, "manage.py", "sandbox", "--port", "0", "--to-now"]
    with subprocess.Popen(
        [*command, "--state", str(tmp_path / "state"), "--seed", str(seed)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip().removeprefix("sandbox: ")
        connection = http.client.HTTPConnection(url.removeprefix("http://").rstrip("/"), timeout=5)
        _, state = ask(connection, "GET", "/_sandbox/state")
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    times = sorted(datetime.fromisoformat(c["created_at"]) for c in state["x"]["comments"])
    assert len(times) == 3
    assert abs(datetime.now(UTC) - times[-1]) < timedelta(minutes=1)
    kept = SandboxStore(tmp_path / "state" / "journal.jsonl")
    assert kept.state()["x"]["comments"] == state["x"]["comments"]
    kept.close()

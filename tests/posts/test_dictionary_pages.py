"""The pages of the 言い換え辞書, from the list to the next check of a post."""

import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.models import Channel
from posts import dictionary
from posts.checks.entries import Entry, key_of, shipped
from posts.dictionary_forms import EntryForm
from posts.models import DictionaryEntry, Post
from posts.queries import payloads_of
from posts.services import checking
from posts.services.dictionary import usable
from tests.people import People, client_of
from tests.posts.making import draft

OLD = next(entry for entry in shipped().values() if entry.name == "精神病院")
TYPED = {
    "seen": "0",
    "check": "J13",
    "words": "旧語\r\n古語",
    "instead": "新語",
    "reason": "「{found}」は古い言葉です。",
    "severity": "",
    "why": "委員会で決定",
    "do": "save",
}


def url(name: str = "", *args: str) -> str:
    return reverse(f"posts:dictionary{'_' if name else ''}{name}", args=args)


def typed_of(page: str) -> dict[str, str]:
    """The hidden version, as a browser would send it."""
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found
    return {"seen": found[1]}


@pytest.fixture
def chair(people: People) -> Client:
    return client_of(people.chair)


def test_the_whole_way_of_a_word(people: People, chair: Client, channel: Channel) -> None:
    post = draft(people.member, channel, body="旧語のお知らせです。")
    tried = chair.post(url("add"), TYPED | {"do": "try", "why": "", "sample": "古語と旧語と父兄"})
    page = tried.content.decode()
    assert tried.status_code == 200
    assert "「古語」は古い言葉です。" in page
    assert "「父兄」は、保護者を" in page  # the whole dictionary is asked
    assert post.title in page  # この言葉を含む最近の投稿
    assert not DictionaryEntry.objects.exists()

    saved = chair.post(url("add"), TYPED)
    row = DictionaryEntry.objects.get()
    assert saved["Location"] == url("entry", row.key)
    assert row.entry.words == ("旧語", "古語")
    seen = checking.check(post, payloads_of(post), timezone.now())
    assert [one.words for one in seen] == ["旧語"]

    listed = client_of(people.auditor).get(url() + "?q=古語&check=J13").content.decode()
    for word in ("旧語、古語", "新語", people.chair.display_name, "委員会で決定", "1件"):
        assert word in listed
    page = chair.get(url("entry", row.key)).content.decode()
    move = typed_of(page) | {"why": "別の言葉にする"}
    chair.post(url("retire", row.key), move)
    assert checking.check(post, payloads_of(post), timezone.now()) == []
    assert "0件" in chair.get(url() + "?q=古語").content.decode()
    page = chair.get(url() + "?q=古語&state=retired").content.decode()
    assert "別の言葉にする" in page
    page = chair.get(url("entry", row.key)).content.decode()
    assert "使うのをやめた" in page
    chair.post(url("restore", row.key), typed_of(page) | {"why": "やはり使う"})
    row.refresh_from_db()
    assert (row.state, row.version) == ("in_use", 3)


def test_a_shipped_word_is_changed_on_its_page(people: People, chair: Client) -> None:
    key = key_of(OLD)
    page = chair.get(url("entry", key)).content.decode()
    assert OLD.reason.replace("'", "&#x27;") in page
    typed = TYPED | {"words": "精神病院", "exceptions": "日本精神病院協会、精神病院史"}
    chair.post(url("entry", key), typed | {"name": OLD.name, "mention_ok": "on"})
    one = dictionary.find(key)
    assert one is not None
    assert (one.origin, one.version, one.entry.mention_ok) == ("標準を変更", 1, True)
    assert one.entry.exceptions == ("日本精神病院協会", "精神病院史")
    told = chair.get(url("entry", key)).content.decode()
    assert f"<del>{OLD.instead}</del> → <ins>新語</ins>" in told


@pytest.mark.parametrize("entry", shipped().values(), ids=lambda entry: entry.name)
def test_saving_a_shipped_entry_as_it_is_would_change_nothing(entry: Entry) -> None:
    shown = EntryForm(initial=EntryForm.initial_of(entry, 0))
    values = {field.name: field.value() for field in shown}
    sent = {
        name: value for name, value in values.items() if value is not None and value is not False
    }
    form = EntryForm({name: str(value).replace("\n", "\r\n") for name, value in sent.items()})
    assert form.is_valid(), form.errors
    assert usable(form.entry()) == entry


def test_whoever_may_only_read_sees_no_form(people: People) -> None:
    page = client_of(people.auditor).get(url("entry", key_of(OLD))).content.decode()
    assert OLD.instead in page
    assert "保存する" not in page
    assert "使うのをやめる" not in page
    assert "言葉を加える" not in client_of(people.member).get(url()).content.decode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"why": ""}, "変更の理由を書いてください。"),
        ({"words": "あ"}, "短すぎて"),
        ({"words": "父兄"}, "J13には「父兄」という項目がすでにあります。"),
        ({"words": "別の語、父兄"}, "「父兄」は、J13の「父兄」にすでにあります。"),
        ({"words": ""}, "探す言葉を1つは"),
        ({"patterns": "("}, "正しくありません"),
        ({"reason": ""}, "必須"),
        ({"check": "J01"}, "正しく選択"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    chair: Client, change: dict[str, str], message: str
) -> None:
    answer = chair.post(url("add"), TYPED | {"sample": "たいせつな文"} | change)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page
    for kept in ("たいせつな文", "新語"):
        assert kept in page
    assert not DictionaryEntry.objects.exists()


def test_who_comes_second_sees_the_first_and_loses_nothing(people: People, chair: Client) -> None:
    chair.post(url("add"), TYPED)
    key = DictionaryEntry.objects.get().key
    change = TYPED | {"seen": "1", "why": "直す"}
    client_of(people.admin).post(url("entry", key), change | {"instead": "管理者の語"})
    answer = chair.post(url("entry", key), change | {"instead": "委員長の語"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for word in ("ほかの人が先に", "委員長の語", "<ins>管理者の語</ins>"):
        assert word in page
    again = chair.post(url("entry", key), change | typed_of(page) | {"instead": "委員長の語"})
    assert again.status_code == 302
    assert DictionaryEntry.objects.get().entry.instead == "委員長の語"


def test_what_goes_out_comes_in_again(people: People, chair: Client) -> None:
    chair.post(url("add"), TYPED)
    out = client_of(people.auditor).post(url("export"))
    assert out["Content-Type"] == "text/csv"
    assert AuditEvent.objects.order_by("-id")[0].verb == "dictionary.exported"
    text = out.content.decode("utf-8-sig")
    changed = text.replace("新語", "もっと新しい語") + "J14,,終活婚,,理由です。\r\n"
    file = SimpleUploadedFile("辞書.csv", changed.encode("cp932"))
    compared = chair.post(url("import"), {"file": file, "do": "compare"})
    page = compared.content.decode()
    assert compared.status_code == 200
    # Nothing else: not the 〜 for which Shift_JIS has another sign, nor letters that it lacks.
    assert f"追加 1件・変更 1件・同じ {len(shipped())}件・直す必要がある行 0件" in page
    assert DictionaryEntry.objects.count() == 1
    table = re.search(r'<textarea name="table"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert table

    sent = {"table": html.unescape(table[1]), "do": "save"}
    assert "変更の理由を書いてください。" in chair.post(url("import"), sent).content.decode()
    saved = chair.post(url("import"), sent | {"why": "年度の見直し"})
    assert saved.status_code == 302, saved.content.decode()
    assert {row.name: row.entry.instead for row in DictionaryEntry.objects.all()} == {
        "旧語": "もっと新しい語",
        "終活婚": "",
    }


def test_a_file_with_a_bad_line_changes_nothing_and_stays_on_the_page(chair: Client) -> None:
    text = "点検,言葉,理由\nJ13,旧語,理由です。\nJ13,父兄会と父兄,理由です。\nJ99,古語,理由です。\nJ13,あ,理由です。\n"
    answer = chair.post(url("import"), {"table": text, "do": "save", "why": "取り込み"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "4行目：点検を選んで" in page
    assert "5行目：「あ」は短すぎて" in page
    assert "J13,父兄会と父兄,理由です。" in page
    assert not DictionaryEntry.objects.exists()


def test_files_that_cannot_be_read_are_told(chair: Client) -> None:
    for data, message in (
        (b"\x81\xff\xfe\x00", "Shift_JIS"),
        (b"", "空です"),
        ("名前\nあ\n".encode(), "「点検」「理由」がありません"),
    ):
        file = SimpleUploadedFile("a.csv", data)
        answer = chair.post(url("import"), {"file": file, "do": "compare"})
        assert answer.status_code == 422
        assert message in answer.content.decode()
    assert "CSVファイルを選んで" in chair.post(url("import"), {"do": "save"}).content.decode()


def test_the_pages_ask_the_database_little(
    people: People, chair: Client, channel: Channel,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    for number in range(12):
        chair.post(url("add"), TYPED | {"words": f"旧語{number}"})
        draft(people.member, channel, body=f"旧語{number}のお知らせです。")
    key = DictionaryEntry.objects.all()[0].key
    assert Post.objects.count() == 12
    requests: list[tuple[int, str, dict[str, Any]]] = [
        (9, url(), {}),
        (11, url("entry", key), {}),
        (8, url("add"), {}),
    ]
    for most, address, data in requests:
        with django_assert_max_num_queries(most):
            assert chair.get(address, data).status_code == 200

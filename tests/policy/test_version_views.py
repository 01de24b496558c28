"""The committee's pages about versions: what they show, and that nothing typed is lost."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from docx import Document

from policy import carried
from policy.models import PolicyVersion
from policy.queries import content_hash
from policy.services import load_version_1
from policy.states import VersionState
from tests.people import People, client_of
from tests.policy import versions as made


@pytest.fixture(autouse=True)
def few_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    few = [r for r in carried.carried_rules() if not (r.requires or r.unless)][:3]
    monkeypatch.setattr(carried, "carried_rules", lambda: few)


@pytest.fixture
def version(people: People) -> PolicyVersion:
    load_version_1()
    return made.draft(people.admin)


@pytest.fixture
def admin(people: People) -> Client:
    return client_of(people.admin)


def at(name: str, *args: object) -> str:
    return reverse(f"versions:{name}", args=args)


def typed(version: PolicyVersion, anchor: str, text: str, **more: object) -> dict[str, object]:
    clause = version.clauses.get(anchor=anchor)
    return {"base": clause.edit_number, "heading": clause.heading, "text": text} | more


def test_the_list_offers_a_draft_only_while_there_is_none(admin: Client, people: People) -> None:
    load_version_1()
    assert "改定案を作る" in admin.get(at("index")).content.decode()
    member = client_of(people.member).get(at("index")).content.decode()
    assert "改定案を作る" not in member
    begun = admin.post(at("begin"))
    version = PolicyVersion.objects.get(number=2)
    assert begun["Location"] == at("version", version.pk)
    assert "改定案を作る" not in admin.get(at("index")).content.decode()


def test_a_draft_shows_what_it_changes(version: PolicyVersion, admin: Client) -> None:
    page = admin.get(at("version", version.pk)).content.decode()
    assert made.NEW in page
    assert page.count(">変更</span>") == 1
    assert page.count("この後に加える</a>") == 43


def test_a_reader_gets_no_tools(version: PolicyVersion, people: People) -> None:
    page = client_of(people.auditor).get(at("version", version.pk)).content.decode()
    assert made.NEW in page
    assert "この後に加える" not in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]


def test_saving_a_clause(version: PolicyVersion, admin: Client) -> None:
    answer = admin.post(at("clause", version.pk, "c8"), typed(version, "c8", "一行目\r\n二行目"))
    assert answer["Location"] == at("version", version.pk) + "#c8"
    assert version.clauses.get(anchor="c8").text == "一行目\n二行目"


def test_whoever_comes_second_sees_both_texts_and_loses_neither(
    version: PolicyVersion, admin: Client, people: People
) -> None:
    mine = typed(version, "c8", "わたしの文")
    made.write(people.chair, version, "c8", "先に保存された文")
    answer = admin.post(at("clause", version.pk, "c8"), mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "ほかの人が先に保存しました" in page
    assert "chair さんが" in page
    assert "先に保存された" in page
    assert ">わたしの文</textarea>" in page.replace("\n", "")
    assert version.clauses.get(anchor="c8").text == "先に保存された文"
    # Saving again is a decision: the page now knows the other's text.
    again = typed(version, "c8", "二人の文")
    assert f'name="base" value="{again["base"]}"' in page
    assert admin.post(at("clause", version.pk, "c8"), again).status_code == 302
    assert version.clauses.get(anchor="c8").text == "二人の文"


def test_autosave_keeps_and_tells_the_next_number(version: PolicyVersion, admin: Client) -> None:
    url = at("autosave", version.pk, "c8")
    first = typed(version, "c8", "途中まで")
    page = admin.post(url, first, headers={"HX-Request": "true"}).content.decode()
    assert "自動で保存しました" in page
    assert 'name="base" value="2" id="id_base" hx-swap-oob="true"' in page
    late = admin.post(url, first | {"text": "古い画面から"}, headers={"HX-Request": "true"})
    assert late.status_code == 409
    assert "保存していません" in late.content.decode()
    assert version.clauses.get(anchor="c8").text == "途中まで"


@pytest.mark.parametrize("name", ["clause", "autosave"])
def test_a_missing_heading_is_told_and_the_text_stays(
    version: PolicyVersion, admin: Client, name: str
) -> None:
    answer = admin.post(
        at(name, version.pk, "c8"), typed(version, "c8", "書きかけの文", heading="")
    )
    page = answer.content.decode()
    if name == "clause":
        assert answer.status_code == 422
        assert "書きかけの文" in page
    else:
        assert "まだ保存していません" in page


def test_an_impossible_clause_comes_back_as_it_was_typed(
    version: PolicyVersion, admin: Client
) -> None:
    given = {"level": "section", "heading": "個人情報", "text": "大切な長い文"}
    answer = admin.post(at("add", version.pk, "c2"), given)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "番号が変わる操作はできません" in page
    assert "大切な長い文" in page
    assert 'value="個人情報"' in page
    done = admin.post(at("add", version.pk, "c8"), given)
    assert done["Location"] == at("version", version.pk) + "#c9"


def test_moving_and_removing(version: PolicyVersion, admin: Client) -> None:
    admin.post(at("move", version.pk, "c5-2"), {"way": "down"})
    assert version.clauses.get(anchor="c5-2").code == "5(3)"
    admin.post(at("remove", version.pk, "c5-2"), {"base": "x"})
    assert version.clauses.filter(anchor="c5-2").exists()
    admin.post(at("remove", version.pk, "c5-2"), {"base": "1"})
    assert not version.clauses.filter(anchor="c5-2").exists()


def test_the_facts_of_two_people_do_not_overwrite_each_other(
    version: PolicyVersion, admin: Client, people: People
) -> None:
    day = timezone.localdate() + timedelta(days=20)
    mine = {"base": version.edit_number, "title": "題", "effective_from": day, "summary": "わたし"}
    client_of(people.chair).post(at("describe", version.pk), mine | {"summary": "委員長の要点"})
    answer = admin.post(at("describe", version.pk), mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "委員長の要点" in page
    assert ">わたし</textarea>" in page.replace("\n", "")
    assert made.again(version).summary == "委員長の要点"


def test_from_submission_to_approval(version: PolicyVersion, admin: Client, people: People) -> None:
    seen = content_hash(version)
    admin.post(at("submit", version.pk), {"seen": "0" * 64})
    assert made.again(version).state == VersionState.DRAFT
    admin.post(at("submit", version.pk), {"seen": seen})
    assert (
        "承認に加われません"
        not in client_of(people.member).get(at("version", version.pk)).content.decode()
    )
    own = admin.get(at("version", version.pk)).content.decode()
    assert "この改定案の作成に関わったため" in own
    assert "承認する</button>" not in own
    vote = {"verb": "approve", "seen": seen, "note": ""}
    assert admin.post(at("answer", version.pk), vote).status_code == 409
    for person in (people.member, people.chair):
        assert client_of(person).post(at("answer", version.pk), vote).status_code == 302
    assert made.again(version).state == VersionState.APPROVED


def test_sending_back_without_a_reason_keeps_the_page(
    version: PolicyVersion, people: People
) -> None:
    version = made.submitted(people.admin, version)
    given = {"verb": "send_back", "seen": content_hash(version), "note": ""}
    answer = client_of(people.chair).post(at("answer", version.pk), given)
    assert answer.status_code == 409
    assert "理由を入力してください" in answer.content.decode()


def test_a_fixed_version_opens_no_editor(version: PolicyVersion, admin: Client) -> None:
    first = PolicyVersion.objects.get(number=1)
    assert admin.get(at("clause", first.pk, "c8"))["Location"] == at("version", first.pk)
    answer = admin.post(at("autosave", first.pk, "c8"), typed(first, "c8", "書き換え"))
    assert answer.status_code == 409
    assert admin.post(at("move", first.pk, "c8"), {"way": "up"}).status_code == 302
    assert first.clauses.get(code="8").text.startswith("本ポリシーは")


def test_the_comparison(version: PolicyVersion, admin: Client) -> None:
    page = admin.get(at("comparison", version.pk)).content.decode()
    assert "1〜3(2)（略）" in page
    assert page.count("<tr") == 4  # head, left out, changed, left out
    whole = admin.get(at("comparison", version.pk) + "?whole=1").content.decode()
    assert whole.count("<tr") == 44


def test_the_text_as_a_word_file(version: PolicyVersion, admin: Client) -> None:
    response = admin.get(at("text_file", version.pk))
    assert response["Content-Disposition"] == 'attachment; filename="policy_v2.docx"'
    paragraphs = Document(BytesIO(response.content)).paragraphs
    told = "\n".join(paragraph.text for paragraph in paragraphs)
    for clause in version.clauses.all():
        assert clause.heading in told
        assert clause.text in told
    styles = {paragraph.style.name for paragraph in paragraphs if paragraph.style}
    assert {"Title", "Heading 1", "Heading 2", "Normal"} <= styles


def test_what_a_word_processor_leaves_in_a_text_breaks_nothing(
    version: PolicyVersion, admin: Client
) -> None:
    pasted = "一行目\x0b二行目\x07\u2028三行目\ufffe"
    admin.post(at("clause", version.pk, "c8"), typed(version, "c8", pasted))
    assert version.clauses.get(anchor="c8").text == "一行目\n二行目\n三行目"
    for name in ("text_file", "comparison_file", "comparison"):
        assert admin.get(at(name, version.pk)).status_code == 200


def test_the_comparison_as_a_word_file(version: PolicyVersion, admin: Client) -> None:
    document = Document(BytesIO(admin.get(at("comparison_file", version.pk)).content))
    (table,) = document.tables
    assert [cell.text for cell in table.rows[0].cells] == ["改定後（第2版）", "改定前（第1版）"]
    (row,) = [row for row in table.rows if "投稿頻度" in row.cells[0].text]
    new, old = (cell.paragraphs[-1] for cell in row.cells)
    assert (new.text, old.text) == (made.NEW, made.OLD)
    assert [run.text for run in new.runs if run.underline] == ["週に2回を目安に"]
    assert "".join(run.text for run in old.runs if run.font.strike) == "適切な頻度で"


def test_what_waited_for_approval_says_that_it_is_of_the_old_version(people: People) -> None:
    from jspm_social.platforms.names import Platform
    from tests.posts.making import approved_post, make_channel

    load_version_1()
    post = approved_post(people, make_channel(Platform.X))
    url = reverse("posts:post", args=[post.pk])
    member = client_of(people.member)
    assert "改定されました" not in member.get(url).content.decode()
    made.in_force(people)
    page = member.get(url).content.decode()
    assert "この承認は第1版に基づきます。いまは第2版（" in page


@pytest.mark.parametrize(
    ("name", "most"), [("index", 12), ("version", 24), ("comparison", 14), ("text_file", 6)]
)
def test_pages_ask_little(
    version: PolicyVersion, people: People, name: str, most: int,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    client = client_of(people.member)
    with django_assert_max_num_queries(most):
        client.get(at(name) if name == "index" else at(name, version.pk))

"""What the topics say: for whom, from which facts, and that they follow what the code says."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import override_settings
from django.urls import reverse

from jspm_social.accounts.roles import CAPABILITIES, Capability, Role
from jspm_social.help import facts
from jspm_social.help.search import words_of
from jspm_social.help.services import write_contacts
from jspm_social.help.topics import TOPICS, readable
from jspm_social.platforms.capabilities import Outcome, plan
from jspm_social.platforms.counting import Unit, measure_all
from jspm_social.platforms.names import Platform
from policy.criteria import Criterion, Signal
from policy.models import CriterionSetting
from policy.queries import clauses_for
from policy.services import load_version_1
from posts.register_rules import RULES, Kind
from tests.people import NAMES, People, client_of
from tests.test_permissions import (
    CHAIR_ADMIN_AUDITOR,
    CHAIR_AND_ADMIN,
    COMMITTEE,
    DECIDERS,
    SIGNED_IN,
    WITH_ROLE,
    Names,
)

ADMIN: Names = frozenset({"admin"})
READERS: dict[str, Names] = {
    **dict.fromkeys(TOPICS, WITH_ROLE),
    **dict.fromkeys(("start", "never", "roles", "words", "account"), SIGNED_IN),
    **dict.fromkeys(("drafting", "materials"), COMMITTEE),
    "posting": CHAIR_AND_ADMIN,
    "people": CHAIR_AND_ADMIN,
    "labels": DECIDERS,
    "rules": ADMIN,
    "remote": ADMIN,
    "connecting": ADMIN,
    "audit": CHAIR_ADMIN_AUDITOR,
}


@pytest.mark.django_db
@pytest.mark.parametrize("slug", TOPICS)
def test_topic_is_read_by_exactly_these(people: People, slug: str) -> None:
    url = reverse("help:topic", args=[slug])
    answers = {
        name: client_of(people.named(name)).get(url).status_code
        for name in NAMES
        if name != "anonymous"
    }
    assert {name for name, status in answers.items() if status == 200} == READERS[slug]
    assert {answers[name] for name in SIGNED_IN - READERS[slug]} <= {403}


@pytest.mark.django_db
def test_unknown_topic_is_not_found(people: People) -> None:
    assert client_of(people.admin).get("/help/nothing/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("slug", TOPICS)
def test_links_of_a_topic_are_open_to_its_readers(people: People, slug: str) -> None:
    html = TOPICS[slug].render()
    for address in set(re.findall(r'href="(/[^"#]*)', html)):
        for name in READERS[slug]:
            assert client_of(people.named(name)).get(address).status_code in {200, 404}, address


@pytest.mark.django_db
def test_roles_show_the_table_that_pages_ask() -> None:
    assert set(facts.WORK) == set(Capability)
    shown = facts.roles()
    for row, capability in zip(shown["rows"], facts.WORK, strict=True):
        may = {Role(value).label for value in Role if capability in CAPABILITIES[value]}
        assert {cell["role"] for cell in row["cells"] if cell["may"]} == may


@pytest.mark.django_db
def test_criteria_follow_clause_and_active_rules(people: People) -> None:
    load_version_1()
    words = words_of(TOPICS["criteria"].render())
    clauses = clauses_for(Criterion.values)
    for row in CriterionSetting.objects.all():
        assert words_of(row.guidance) in words
        for example in [*row.examples_yes, *row.examples_no]:
            assert words_of(example) in words
    assert all(words_of(clause.text) in words for clause in clauses.values())
    assert len(clauses) == 16
    assert all(signal.label in words for signal in Signal)


@pytest.mark.django_db
def test_criteria_without_a_policy_say_so() -> None:
    assert "まだ読み込まれていません" in TOPICS["criteria"].render()


@pytest.mark.django_db
def test_texts_of_a_rule_set_are_no_html(people: People) -> None:
    load_version_1()
    shown = facts.criteria()["grounds"][0] | {"guidance": "<b>x</b>", "yes": ["<script>y</script>"]}
    from django.template.loader import render_to_string

    html = render_to_string(
        "help/topics/criteria.html", {"ruleset": None, "grounds": [shown], "signals": []}
    )
    assert "&lt;b&gt;x" in html
    assert "<script>" not in html


@pytest.mark.parametrize("platform", Platform)
def test_platforms_say_what_the_planner_does(platform: Platform) -> None:
    shown = next(p for p in facts.platforms()["platforms"] if p["name"] == platform.label)
    assert [row["wish"] for row in shown["rows"]] == ["非表示", "削除", "ブロック"]
    for row, wish in zip(shown["rows"], (Outcome.HIDE, Outcome.DELETE, Outcome.BLOCK), strict=True):
        steps = plan(platform, wish).steps
        assert len(row["steps"]) == len(steps)
        for text, step in zip(row["steps"], steps, strict=True):
            assert text.startswith(step.effect.label)
            assert ("担当者" in text) is step.by_hand
            assert ("元に戻せない" in text) is not step.reversible
            assert ("もう一人の確認" in text) is step.needs_second


@pytest.mark.django_db
@override_settings(SECOND_MODERATOR=False)
def test_a_committee_of_one_reads_of_no_second_person() -> None:
    assert "もう一人の確認" not in TOPICS["platforms"].render()
    assert "第二" not in TOPICS["case"].render()


@pytest.mark.parametrize("platform", Platform)
def test_limits_are_those_that_drafts_are_measured_by(platform: Platform) -> None:
    shown = next(p for p in facts.limits()["platforms"] if p["name"] == platform.label)
    for one in measure_all(platform, ""):
        assert any(f"{one.limit:,}" in line for line in shown["texts"])
    assert set(facts.UNITS) == set(Unit)


@pytest.mark.django_db
def test_register_names_every_kind_and_clause() -> None:
    words = TOPICS["register"].render()
    assert all(kind.label in words and RULES[kind].clause in words for kind in Kind)


FACTS: list[Callable[[], Any]] = [topic.facts for topic in TOPICS.values()]


@pytest.mark.django_db
@pytest.mark.parametrize("slug", TOPICS)
def test_a_page_costs_the_same_however_much_there_is(
    people: People, slug: str, django_assert_max_num_queries: Any
) -> None:
    load_version_1()
    client = client_of(people.admin)
    with django_assert_max_num_queries(12):
        client.get(reverse("help:topic", args=[slug]))


@pytest.mark.django_db
def test_contents_show_what_may_be_read_and_nothing_else(people: People) -> None:
    load_version_1()
    for name in SIGNED_IN:
        html = client_of(people.named(name)).get(reverse("help:index")).content.decode()
        contents = html[html.index('<main id="main"') :]
        listed = set(re.findall(r'href="/help/([\w-]+)/"', contents))
        topics = {topic.slug for topic in readable(getattr(people, name))}
        assert listed - {"all", "contacts"} == topics | ({"emergency"} & listed)
        assert topics == {slug for slug, names in READERS.items() if name in names}


@pytest.mark.django_db
def test_book_has_every_chapter_once(people: People) -> None:
    load_version_1()
    html = client_of(people.auditor).get(reverse("help:book")).content.decode()
    chapters = re.findall(r'<article class="panel prose chapter" id="([\w-]+)"', html)
    assert chapters == [topic.slug for topic in readable(people.auditor)]


@pytest.mark.django_db
def test_emergency_begins_with_whom_to_call(people: People) -> None:
    assert "まだ書かれていません" in TOPICS["emergency"].render()
    write_contacts(actor=people.chair, text="委員長 090-0000-0000\n<b>事務局</b>", seen=0)
    html = TOPICS["emergency"].render()
    assert "委員長 090-0000-0000<br>&lt;b&gt;事務局" in html
    assert html.index("090-0000-0000") < html.index("つらい気持ち")

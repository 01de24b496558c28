"""Every page that a person looks at has a topic of the help that this person may read."""

import re

import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse

from jspm_social.help.pages import PAGES
from jspm_social.help.topics import TOPICS
from tests.moderation.small_policy import load_small_policy
from tests.people import People, client_of
from tests.test_permissions import EVERYBODY, EXPECT

# What can be fetched and is no page of the console: why each of them has no topic.
NO_PAGE = {
    "a part of a page": {"moderation:queue_news", "moderation:undo_bar", "moderation:case_status"},
    "leads on to a page": {"home"},
    "before the log-in": {"accounts:login", "accounts:accept", "accounts:invitation_link"},
    "a file": {
        "posts:file",
        "posts:feed",
        "posts:public_media",
        "versions:text_file",
        "versions:comparison_file",
    },
    "for the public": {
        "posts:public_corrections",
        "posts:look",
        *(name for name in EXPECT if name.startswith("public:")),
    },
    "for machines": {"webhooks:x", "webhooks:meta"},
    "the help itself": {"help:index", "help:topic", "help:book"},
}


def shown() -> set[str]:
    """The addresses of pages: they can be fetched and are not excused above."""
    excused = set().union(*NO_PAGE.values())
    return {name for name, expect in EXPECT.items() if expect.get} - excused


def test_every_page_has_a_topic() -> None:
    assert sorted(shown() - PAGES.keys()) == []


def test_nothing_is_excused_that_has_a_topic_or_no_address() -> None:
    excused = [name for names in NO_PAGE.values() for name in names]
    assert [name for name in excused if name in PAGES or name not in EXPECT] == []


def test_topics_of_pages_exist_and_pages_are_addresses() -> None:
    assert set(PAGES.values()) <= set(TOPICS)
    assert PAGES.keys() <= EXPECT.keys()


@pytest.mark.django_db
def test_whoever_may_open_a_page_may_read_its_topic(people: People) -> None:
    refused = [
        (page, name)
        for page, slug in PAGES.items()
        for name in (EXPECT[page].get | EXPECT[page].post) - {"anonymous"}
        if not TOPICS[slug].may_read(getattr(people, name))
    ]
    assert refused == []
    assert not any(EXPECT[page].get == EVERYBODY for page in PAGES)


@pytest.mark.django_db
def test_main_pages_link_to_their_own_topic(people: People) -> None:
    load_small_policy()
    admin, moderator = client_of(people.admin), client_of(people.moderator)
    pages = {
        "moderation:queue": moderator,
        "moderation:attention": moderator,
        "moderation:comments": moderator,
        "moderation:switch": moderator,
        "posts:index": moderator,
        "posts:begin": moderator,
        "posts:calendar": moderator,
        "posts:stop": moderator,
        "platforms:channels": admin,
        "platforms:connect": admin,
        "rules:index": admin,
        "rules:lab": admin,
        "versions:index": admin,
        "audit:events": admin,
        "accounts:me": moderator,
    }
    assert {name: linked_topic(client, name) for name, client in pages.items()} == {
        name: PAGES[name] for name in pages
    }


def linked_topic(client: Client, name: str) -> str:
    """The topic that the page's own link leads to; '' without one."""
    html = client.get(reverse(name)).content.decode()
    found = re.findall(r'<a class="help-link" href="/help/([\w-]+)/">', html)
    return found[0] if len(found) == 1 else ""


@pytest.mark.django_db
def test_a_refused_page_links_to_no_topic_that_is_refused_too(people: People) -> None:
    answer = client_of(people.member).get(reverse("rules:index"))
    assert answer.status_code == 403
    assert "help-link" not in answer.content.decode()
    assert reverse("help:topic", args=["roles"]) in answer.content.decode()


@pytest.mark.django_db
def test_somebody_without_a_role_is_told_so_and_not_sent_round(people: People) -> None:
    html = client_of(people.outsider).get(reverse("moderation:queue")).content.decode()
    assert "役割がまだ決まっていません" in html
    assert "最初のページへ" not in html


@pytest.mark.parametrize("slug", TOPICS)
def test_topic_has_words(slug: str) -> None:
    get_template(f"help/topics/{slug}.html")

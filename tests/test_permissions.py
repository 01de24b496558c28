"""Every address × every person × every method: who gets in, and who does not.

An address without an entry in EXPECT fails the test. To add one: name who may use which method
(a set of names from tests/people.py), and for an address with parameters
a builder that stores what is needed and returns the parameters. Whoever is not named gets a 403,
and nobody-at-all goes to the log-in page; a method that is not named is refused to everybody.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from jspm_social.accounts.roles import Capability
from tests.people import NAMES, People, client_of

Names = frozenset[str]
EVERYBODY: Final[Names] = frozenset(NAMES)
SIGNED_IN: Final[Names] = EVERYBODY - {"anonymous"}
CHAIR_ADMIN_AUDITOR: Final[Names] = frozenset({"chair", "admin", "auditor"})
METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Expect:
    """Who may use each method; `arguments` stores what the address needs and returns its kwargs."""

    get: Names = frozenset()
    post: Names = frozenset()
    arguments: Callable[[People], dict[str, Any]] = field(default=lambda _people: {})

    def may(self, method: str) -> Names:
        allowed: Names = getattr(self, method, frozenset())
        return allowed


EXPECT: Final[dict[str, Expect]] = {
    "home": Expect(get=EVERYBODY),
    # Accounts
    "accounts:login": Expect(get=EVERYBODY, post=EVERYBODY),
    "accounts:logout": Expect(post=EVERYBODY),
    "accounts:password_change": Expect(get=SIGNED_IN, post=SIGNED_IN),
    "accounts:me": Expect(get=SIGNED_IN),
    # Audit
    "audit:events": Expect(get=CHAIR_ADMIN_AUDITOR),
    "audit:export": Expect(post=CHAIR_ADMIN_AUDITOR),
}


def addresses(
    patterns: list[URLPattern | URLResolver] | None = None, namespace: str = ""
) -> Iterator[str]:
    """The full name of every address of the site; one without a name shows as its pattern."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern.url_patterns, inner)
        else:
            yield namespace + (pattern.name or f"unnamed {pattern.pattern}")


def test_every_address_has_an_entry_and_every_entry_an_address() -> None:
    assert sorted(set(addresses())) == sorted(EXPECT)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", EXPECT)
def test_address_lets_in_exactly_those_it_should(people: People, name: str, method: str) -> None:
    expected = EXPECT[name]
    url = reverse(name, kwargs=expected.arguments(people))
    wrong = {}
    for person in NAMES:
        with transaction.atomic():
            client = client_of(people.named(person))
            answer = outcome(getattr(client, method)(url))
            transaction.set_rollback(True)
        if answer not in allowed_outcomes(person, method, expected):
            wrong[person] = answer
    assert wrong == {}


def allowed_outcomes(person: str, method: str, expected: Expect) -> set[str]:
    may = expected.may(method)
    if person in may:
        return {"in"}
    if may:
        return {"log-in" if person == "anonymous" else "forbidden"}
    # The method does not exist here; whether rights or methods are looked at first is the same.
    return {"no such method", "log-in" if person == "anonymous" else "forbidden"}


def outcome(response: HttpResponseBase) -> str:
    """What happened, in a word; an empty form that is refused counts as having been let in."""
    location = response.headers.get("Location", "")
    match response.status_code:
        case 302 if location.startswith(f"{reverse('accounts:login')}?next="):
            return "log-in"
        case 200 | 204 | 302 | 400 | 409 | 422:
            return "in"
        case 403:
            return "forbidden"
        case 405:
            return "no such method"
    return f"{response.status_code}"


@pytest.mark.parametrize(
    ("capability", "names"),
    [
        (Capability.READ_COMMENTS, SIGNED_IN - {"outsider"}),
        (Capability.FLAG_COMMENT, SIGNED_IN - {"outsider", "auditor"}),
        (Capability.DECIDE, frozenset({"moderator", "moderator2", "chair"})),
        (Capability.CONFIRM_DECISION, frozenset({"moderator", "moderator2", "chair"})),
        (Capability.STOP_EFFECTS, SIGNED_IN - {"outsider", "auditor"}),
        (Capability.RESUME_EFFECTS, frozenset({"moderator", "moderator2", "chair", "admin"})),
        (Capability.READ_AUDIT, CHAIR_ADMIN_AUDITOR),
        (Capability.EXPORT_AUDIT, CHAIR_ADMIN_AUDITOR),
        (Capability.MANAGE_CHANNELS, frozenset({"admin"})),
        (Capability.MANAGE_POLICY, frozenset({"admin"})),
        (Capability.READ_POSTS, SIGNED_IN - {"outsider"}),
        (Capability.DRAFT_POSTS, SIGNED_IN - {"outsider", "auditor"}),
        (Capability.REVIEW_POSTS, SIGNED_IN - {"outsider", "auditor"}),
    ],
)
def test_capability_belongs_to_exactly_these_people(
    people: People, capability: Capability, names: Names
) -> None:
    having = {name for name in SIGNED_IN if getattr(people, name).can(capability)}
    assert having == names

"""Every address × every person × every method: who gets in, and who does not.

An address without an entry in EXPECT fails the test. To add one: name who may use which method (a
set of names from tests/people.py). Whoever is not named gets a 403, and nobody-at-all goes to the
log-in page; a method that is not named is refused to everybody.

An address with parameters is asked for something that does not exist: whoever may enter gets a
404, and the others must not even learn that. Where rights hang on the object itself, give
`arguments`: it stores the object and returns the parameters. `data` is sent along where an address
does different things.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter, SlugConverter, StringConverter

from jspm_social.accounts.roles import Capability
from tests.moderation.small_policy import load_small_policy
from tests.people import NAMES, People, client_of

Names = frozenset[str]
EVERYBODY: Final[Names] = frozenset(NAMES)
SIGNED_IN: Final[Names] = EVERYBODY - {"anonymous"}
WITH_ROLE: Final[Names] = SIGNED_IN - {"outsider"}
COMMITTEE: Final[Names] = WITH_ROLE - {"auditor"}
DECIDERS: Final[Names] = frozenset({"moderator", "moderator2", "chair"})
CHAIR_AND_ADMIN: Final[Names] = frozenset({"chair", "admin"})
CHAIR_ADMIN_AUDITOR: Final[Names] = frozenset({"chair", "admin", "auditor"})
ADMIN: Final[Names] = frozenset({"admin"})
NOTHING: Final[dict[type, Any]] = {
    IntConverter: 2**31 - 1,
    SlugConverter: "nothing",
    StringConverter: "nothing",
}
METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Expect:
    """Who may use each method; `arguments` stores what the address needs and returns its kwargs."""

    get: Names = frozenset()
    post: Names = frozenset()
    arguments: Callable[[People], dict[str, Any]] | None = None
    data: Mapping[str, str] = field(default_factory=dict)

    def may(self, method: str) -> Names:
        allowed: Names = getattr(self, method, frozenset())
        return allowed


def with_policy(_people: People) -> dict[str, Any]:
    """A policy and a rule set: there is nothing to show or to edit without."""
    load_small_policy()
    return {}


EXPECT: Final[dict[str, Expect]] = {
    "home": Expect(get=EVERYBODY),
    # Accounts
    "accounts:login": Expect(get=EVERYBODY, post=EVERYBODY),
    "accounts:logout": Expect(post=EVERYBODY),
    "accounts:password_change": Expect(get=SIGNED_IN, post=SIGNED_IN),
    "accounts:me": Expect(get=SIGNED_IN),
    "accounts:my_leave": Expect(get=SIGNED_IN, post=SIGNED_IN),
    "accounts:end_leave": Expect(post=SIGNED_IN),
    "accounts:accept": Expect(get=EVERYBODY, post=EVERYBODY),
    "accounts:invitation_link": Expect(get=EVERYBODY),
    "accounts:people": Expect(get=CHAIR_AND_ADMIN),
    "accounts:invite": Expect(get=CHAIR_AND_ADMIN, post=CHAIR_AND_ADMIN),
    "accounts:invitation": Expect(post=CHAIR_AND_ADMIN),
    "accounts:person": Expect(get=CHAIR_AND_ADMIN),
    "accounts:roles": Expect(post=CHAIR_AND_ADMIN),
    "accounts:details": Expect(post=CHAIR_AND_ADMIN),
    "accounts:leave": Expect(post=CHAIR_AND_ADMIN),
    "accounts:deactivate": Expect(get=CHAIR_AND_ADMIN, post=CHAIR_AND_ADMIN),
    "accounts:reactivate": Expect(post=CHAIR_AND_ADMIN),
    "accounts:reviews": Expect(get=CHAIR_AND_ADMIN, post=CHAIR_AND_ADMIN),
    "accounts:review": Expect(get=CHAIR_AND_ADMIN, post=CHAIR_AND_ADMIN),
    # What the committee sets
    "committee:settings": Expect(get=WITH_ROLE),
    "committee:setting": Expect(get=WITH_ROLE, post=CHAIR_AND_ADMIN),
    "committee:answer": Expect(post=CHAIR_AND_ADMIN),
    # Comments, cases, decisions
    "moderation:queue": Expect(get=WITH_ROLE),
    "moderation:queue_news": Expect(get=WITH_ROLE),
    "moderation:second": Expect(get=WITH_ROLE),
    "moderation:undo_bar": Expect(get=WITH_ROLE),
    "moderation:case": Expect(get=WITH_ROLE),
    "moderation:case_status": Expect(get=WITH_ROLE),
    "moderation:decide": Expect(post=DECIDERS),
    "moderation:undo": Expect(post=DECIDERS),
    "moderation:confirm": Expect(post=DECIDERS),
    "moderation:comments": Expect(get=WITH_ROLE),
    "moderation:comment": Expect(get=WITH_ROLE),
    "moderation:flag": Expect(post=COMMITTEE),
    "moderation:reconsider": Expect(post=DECIDERS),
    "moderation:attention": Expect(get=WITH_ROLE),
    "moderation:action": Expect(post=DECIDERS),
    "moderation:task": Expect(post=DECIDERS),
    "moderation:performance": Expect(get=WITH_ROLE),
    "moderation:labels": Expect(get=DECIDERS),
    "moderation:give_label": Expect(post=DECIDERS),
    "moderation:withdraw_label": Expect(post=DECIDERS),
    "moderation:remote": Expect(get=ADMIN, post=ADMIN),
    "moderation:switch": Expect(get=WITH_ROLE, post=COMMITTEE, data={"reason": ""}),
    # Posts and channels
    "posts:index": Expect(get=WITH_ROLE),
    "posts:post": Expect(get=WITH_ROLE),
    "posts:revision": Expect(get=WITH_ROLE),
    "posts:begin": Expect(get=COMMITTEE, post=COMMITTEE),
    "posts:edit": Expect(get=COMMITTEE, post=COMMITTEE),
    "posts:autosave": Expect(post=COMMITTEE),
    "posts:duplicate": Expect(post=COMMITTEE),
    "posts:submit": Expect(post=COMMITTEE),
    "posts:answer": Expect(post=COMMITTEE),
    "posts:override": Expect(post=COMMITTEE),
    "posts:take_back": Expect(post=COMMITTEE),
    "posts:take_up": Expect(post=COMMITTEE),
    "posts:drop": Expect(post=COMMITTEE, data={"reason": "中止"}),
    "posts:schedule": Expect(get=COMMITTEE, post=COMMITTEE),
    "posts:unschedule": Expect(post=COMMITTEE),
    "posts:remark": Expect(post=COMMITTEE),
    "posts:suggest": Expect(post=COMMITTEE),
    "posts:resolve": Expect(post=COMMITTEE),
    "posts:settle": Expect(post=COMMITTEE),
    "posts:delivery": Expect(post=COMMITTEE),
    "posts:stop": Expect(get=COMMITTEE, post=COMMITTEE),
    "posts:calendar": Expect(get=WITH_ROLE),
    "posts:renew_feed": Expect(post=WITH_ROLE),
    "posts:feed": Expect(get=EVERYBODY),
    "posts:library": Expect(get=COMMITTEE, post=COMMITTEE),
    "posts:rights": Expect(get=COMMITTEE, post=COMMITTEE),
    "posts:file": Expect(get=WITH_ROLE),
    "posts:events": Expect(get=COMMITTEE, post=COMMITTEE),
    "posts:event": Expect(get=COMMITTEE, post=COMMITTEE),
    "posts:sources": Expect(get=COMMITTEE, post=COMMITTEE),
    "posts:relate": Expect(post=COMMITTEE),
    "posts:dictionary": Expect(get=WITH_ROLE),
    "posts:dictionary_add": Expect(get=CHAIR_AND_ADMIN, post=CHAIR_AND_ADMIN),
    "posts:dictionary_import": Expect(get=CHAIR_AND_ADMIN, post=CHAIR_AND_ADMIN),
    "posts:dictionary_export": Expect(post=WITH_ROLE),
    "posts:dictionary_entry": Expect(get=WITH_ROLE, post=CHAIR_AND_ADMIN),
    "posts:dictionary_retire": Expect(post=CHAIR_AND_ADMIN),
    "posts:dictionary_restore": Expect(post=CHAIR_AND_ADMIN),
    "posts:corrections": Expect(get=WITH_ROLE),
    "posts:correction": Expect(get=WITH_ROLE),
    "posts:correction_check": Expect(post=COMMITTEE),
    "posts:correction_decide": Expect(post=COMMITTEE, data={"decision": "nothing"}),
    "posts:correction_answer": Expect(post=COMMITTEE),
    "posts:report": Expect(post=COMMITTEE),
    "posts:public_corrections": Expect(get=EVERYBODY),
    "posts:natives": Expect(get=WITH_ROLE),
    "posts:native": Expect(get=WITH_ROLE, post=COMMITTEE),
    "posts:register": Expect(get=WITH_ROLE),
    "posts:propose": Expect(get=COMMITTEE, post=COMMITTEE),
    "posts:action": Expect(get=WITH_ROLE, post=COMMITTEE),
    "posts:settings": Expect(get=CHAIR_AND_ADMIN, post=CHAIR_AND_ADMIN),
    "posts:deputies": Expect(get=CHAIR_AND_ADMIN, post=CHAIR_AND_ADMIN),
    "posts:make_link": Expect(post=COMMITTEE),
    "posts:revoke_link": Expect(post=COMMITTEE),
    "posts:look": Expect(get=EVERYBODY),
    "posts:keep_template": Expect(post=COMMITTEE),
    "posts:use_template": Expect(post=COMMITTEE),
    "posts:urgent": Expect(get=WITH_ROLE),
    "posts:review_urgent": Expect(post=COMMITTEE),
    "posts:public_media": Expect(get=EVERYBODY),
    "platforms:channels": Expect(get=WITH_ROLE),
    "platforms:channel": Expect(get=WITH_ROLE),
    "platforms:ceiling": Expect(post=frozenset({"admin"})),
    "platforms:connect": Expect(get=ADMIN),
    "platforms:connect_form": Expect(get=ADMIN, post=ADMIN),
    "platforms:connect_attempt": Expect(get=ADMIN),
    "platforms:connect_again": Expect(post=ADMIN),
    "platforms:connect_choose": Expect(post=ADMIN),
    "platforms:connect_callback": Expect(get=ADMIN),
    "platforms:reconnect": Expect(get=ADMIN, post=ADMIN),
    "platforms:connection": Expect(get=ADMIN),
    "platforms:test": Expect(post=ADMIN),
    "platforms:pause": Expect(get=ADMIN, post=ADMIN),
    "platforms:resume": Expect(post=ADMIN),
    "platforms:disconnect": Expect(get=ADMIN, post=ADMIN),
    # Rule sets
    "rules:index": Expect(get=ADMIN, arguments=with_policy),
    "rules:draft": Expect(post=ADMIN, arguments=with_policy),
    "rules:compare": Expect(get=ADMIN),
    "rules:shadow": Expect(post=ADMIN),
    "rules:ask": Expect(post=ADMIN),
    "rules:answer": Expect(post=ADMIN),
    "rules:withdraw": Expect(post=ADMIN),
    "rules:roll_back": Expect(post=ADMIN),
    "rules:backtest": Expect(post=ADMIN),
    "rules:alarm_seen": Expect(post=ADMIN),
    "rules:criteria": Expect(get=ADMIN, arguments=with_policy),
    "rules:criterion": Expect(get=ADMIN, post=ADMIN),
    "rules:lab": Expect(get=ADMIN, arguments=with_policy),
    "rules:add": Expect(get=ADMIN, post=ADMIN),
    "rules:import": Expect(get=ADMIN, post=ADMIN),
    "rules:export": Expect(post=ADMIN, arguments=with_policy),
    "rules:rule": Expect(get=ADMIN, post=ADMIN),
    "rules:remove": Expect(post=ADMIN),
    "rules:try": Expect(get=ADMIN, post=ADMIN),
    "rules:trial": Expect(get=ADMIN),
    "rules:cancel": Expect(post=ADMIN),
    # Webhooks: a signature lets in, no person; without it the address is not even there
    "webhooks:x": Expect(get=EVERYBODY, post=EVERYBODY),
    "webhooks:line": Expect(post=EVERYBODY),
    "webhooks:meta": Expect(get=EVERYBODY, post=EVERYBODY),
    # The policy: for the committee, and in public
    "versions:index": Expect(get=WITH_ROLE),
    "versions:version": Expect(get=WITH_ROLE),
    "versions:comparison": Expect(get=WITH_ROLE),
    "versions:text_file": Expect(get=WITH_ROLE),
    "versions:comparison_file": Expect(get=WITH_ROLE),
    "versions:begin": Expect(post=CHAIR_AND_ADMIN),
    "versions:describe": Expect(post=CHAIR_AND_ADMIN),
    "versions:clause": Expect(get=CHAIR_AND_ADMIN, post=CHAIR_AND_ADMIN),
    "versions:autosave": Expect(post=CHAIR_AND_ADMIN),
    "versions:add": Expect(get=CHAIR_AND_ADMIN, post=CHAIR_AND_ADMIN),
    "versions:move": Expect(post=CHAIR_AND_ADMIN),
    "versions:remove": Expect(post=CHAIR_AND_ADMIN),
    "versions:submit": Expect(post=CHAIR_AND_ADMIN),
    "versions:take_back": Expect(post=CHAIR_AND_ADMIN),
    "versions:drop": Expect(post=CHAIR_AND_ADMIN),
    "versions:answer": Expect(post=COMMITTEE),
    "public:policy": Expect(get=EVERYBODY),
    "public:version": Expect(get=EVERYBODY),
    "public:changes": Expect(get=EVERYBODY),
    "public:grounds": Expect(get=EVERYBODY),
    "public:transparency": Expect(get=EVERYBODY),
    "public:feed": Expect(get=EVERYBODY),
    # Audit
    "audit:events": Expect(get=CHAIR_ADMIN_AUDITOR),
    "audit:export": Expect(post=CHAIR_ADMIN_AUDITOR),
    # The help; which topic is for whom: tests/help/test_topics.py
    "help:index": Expect(get=SIGNED_IN),
    "help:topic": Expect(get=SIGNED_IN),
    "help:book": Expect(get=SIGNED_IN),
    "help:contacts": Expect(get=CHAIR_AND_ADMIN, post=CHAIR_AND_ADMIN),
    "help:tour": Expect(post=SIGNED_IN),
}


def addresses() -> dict[str, dict[str, Any]]:
    """Every address of the site by its full name (its pattern, where it has none), with
    parameters that fit and name nothing.
    """
    return dict(_walk(get_resolver().url_patterns, "", {}))


def _walk(
    patterns: Sequence[URLPattern | URLResolver], namespace: str, outer: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for pattern in patterns:
        converters = pattern.pattern.converters
        given = outer | {name: NOTHING[type(kind)] for name, kind in converters.items()}
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, given)
        else:
            yield namespace + (pattern.name or f"unnamed {pattern.pattern}"), given


def test_every_address_has_an_entry_and_every_entry_an_address() -> None:
    assert sorted(addresses()) == sorted(EXPECT)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", EXPECT)
def test_address_lets_in_exactly_those_it_should(people: People, name: str, method: str) -> None:
    expected = EXPECT[name]
    url = reverse(name, kwargs=arguments_of(name, people))
    wrong = {}
    for person in NAMES:
        with transaction.atomic():
            client = client_of(people.named(person))
            answer = outcome(getattr(client, method)(url, expected.data), expected)
            transaction.set_rollback(True)
        if answer not in allowed_outcomes(person, method, expected):
            wrong[person] = answer
    assert wrong == {}


def test_resuming_what_was_stopped_takes_more_than_stopping(people: People) -> None:
    url = reverse("moderation:switch")
    answers = {name: client_of(people.named(name)).post(url) for name in SIGNED_IN}
    let_in = {name for name, answer in answers.items() if answer.status_code == 302}
    assert let_in == {"moderator", "moderator2", "chair", "admin"}
    assert {answers[name].status_code for name in SIGNED_IN - let_in} == {403}


def allowed_outcomes(person: str, method: str, expected: Expect) -> set[str]:
    may = expected.may(method)
    if person in may:
        return {"in"}
    if may:
        return {"log-in" if person == "anonymous" else "forbidden"}
    # The method does not exist here; whether rights or methods are looked at first is the same.
    return {"no such method", "log-in" if person == "anonymous" else "forbidden"}


def arguments_of(name: str, people: People) -> dict[str, Any]:
    build = EXPECT[name].arguments
    return addresses()[name] if build is None else build(people)


def outcome(response: HttpResponseBase, expected: Expect) -> str:
    """What happened, in a word; an empty form that is refused counts as having been let in."""
    location = response.headers.get("Location", "")
    match response.status_code:
        case 302 if location.startswith(f"{reverse('accounts:login')}?next="):
            return "log-in"
        case 200 | 204 | 302 | 400 | 409 | 422:
            return "in"
        case 404 if expected.arguments is None:
            return "in"
        case 403:
            return "forbidden"
        case 405:
            return "no such method"
    return f"{response.status_code}"


@pytest.mark.parametrize(
    ("capability", "names"),
    [
        (Capability.READ_COMMENTS, WITH_ROLE),
        (Capability.FLAG_COMMENT, COMMITTEE),
        (Capability.DECIDE, DECIDERS),
        (Capability.CONFIRM_DECISION, DECIDERS),
        (Capability.STOP_EFFECTS, COMMITTEE),
        (Capability.RESUME_EFFECTS, frozenset({"moderator", "moderator2", "chair", "admin"})),
        (Capability.READ_AUDIT, CHAIR_ADMIN_AUDITOR),
        (Capability.EXPORT_AUDIT, CHAIR_ADMIN_AUDITOR),
        (Capability.MANAGE_CHANNELS, frozenset({"admin"})),
        (Capability.MANAGE_RULES, frozenset({"admin"})),
        (Capability.READ_POLICY, WITH_ROLE),
        (Capability.APPROVE_POLICY, COMMITTEE),
        (Capability.MANAGE_POLICY, CHAIR_AND_ADMIN),
        (Capability.MANAGE_PEOPLE, CHAIR_AND_ADMIN),
        (Capability.MANAGE_SETTINGS, CHAIR_AND_ADMIN),
        (Capability.READ_POSTS, WITH_ROLE),
        (Capability.DRAFT_POSTS, COMMITTEE),
        (Capability.REVIEW_POSTS, COMMITTEE),
    ],
)
def test_capability_belongs_to_exactly_these_people(
    people: People, capability: Capability, names: Names
) -> None:
    having = {name for name in SIGNED_IN if getattr(people, name).can(capability)}
    assert having == names

"""Who may open a page."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability
from tests.people import People


@require(Capability.DECIDE)
def page(request: AuthenticatedHttpRequest, *, number: int) -> HttpResponse:
    return HttpResponse(f"{request.user.username} {number}")


def ask(user: User | AnonymousUser, method: str = "get", **headers: str) -> HttpResponseBase:
    request = RequestFactory().generic(method.upper(), "/cases/3/?x=1", headers=headers)
    request.user = user

    def answer(request: HttpRequest) -> HttpResponseBase:
        return page(request, number=3)

    return HtmxMiddleware(answer)(request)  # type: ignore[return-value]


def test_require_lets_in_who_may(people: People) -> None:
    answer = ask(people.moderator)
    assert isinstance(answer, HttpResponse)
    assert answer.content == b"moderator 3"


def test_require_forbids_others(people: People) -> None:
    with pytest.raises(PermissionDenied):
        ask(people.auditor)


def test_require_sends_nobody_to_log_in_and_back() -> None:
    answer = ask(AnonymousUser())
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/accounts/login/?next=/cases/3/%3Fx%3D1",
    )


def test_require_does_not_come_back_to_an_address_that_only_takes_posts() -> None:
    assert ask(AnonymousUser(), "post")["Location"] == "/accounts/login/?next=/"


def test_require_sends_the_whole_page_to_log_in_when_a_fragment_was_asked_for() -> None:
    current = {"HX-Request": "true", "HX-Current-URL": "http://testserver/queue/?page=2"}
    answer = ask(AnonymousUser(), **current)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/accounts/login/?next=/queue/%3Fpage%3D2"


def test_require_never_comes_back_to_another_site() -> None:
    current = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/"}
    assert ask(AnonymousUser(), **current)["HX-Redirect"] == "/accounts/login/?next=/"


def test_require_keeps_the_views_name() -> None:
    assert page.__name__ == "page"

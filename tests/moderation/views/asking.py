"""Asking for pages as a browser does."""

from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from moderation.models import Case


def get(client: Client, name: str, *args: Any, **query: Any) -> str:
    response = client.get(reverse(f"moderation:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def post(client: Client, name: str, *args: Any, **data: Any) -> HttpResponse:
    response: Any = client.post(reverse(f"moderation:{name}", args=args), data)
    return response  # type: ignore[no-any-return]  # Django's test client adds to it


def flashed(response: HttpResponse, client: Client) -> str:
    """The page that an answer leads to."""
    assert response.status_code == 302
    return client.get(response.headers["Location"]).content.decode()


def revision(case: Case) -> int:
    return case.comment.revisions.get(number=case.comment.revision_number).pk


def asked(client: Client, url: str, **query: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url, query).status_code == 200
    return len(queries)

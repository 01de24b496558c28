import runpy
from typing import Any

import pytest
from django.db import connections

from jspm_social import checks


@pytest.mark.django_db
@pytest.mark.smoke
def test_application_role_is_neither_superuser_nor_owner() -> None:
    assert checks.application_role(databases=["default"]) == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_application_role_that_owns_tables_is_an_error(
    owner_connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "connections", {"default": connections["owner"]})
    found = checks.application_role(databases=["default"])
    assert [message.id for message in found] == [checks.E_OWNER]


def test_application_role_without_database_is_not_asked() -> None:
    assert checks.application_role() == []


def test_strict_transport_reaches_no_other_host_of_the_society(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS", "true")
    deployed = runpy.run_path("jspm_social/settings.py")
    assert deployed["SECURE_HSTS_SECONDS"] > 0
    assert not deployed.get("SECURE_HSTS_INCLUDE_SUBDOMAINS")
    assert not deployed.get("SECURE_HSTS_PRELOAD")

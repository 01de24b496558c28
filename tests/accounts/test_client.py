from typing import Any

from django.test import RequestFactory

from jspm_social.accounts.client import client_ip


def test_client_ip_directly_ignores_what_the_caller_claims(settings: Any) -> None:
    settings.BEHIND_PROXY = False
    request = RequestFactory().get(
        "/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.7"
    )
    assert client_ip(request) == "192.0.2.1"


def test_client_ip_behind_the_proxy_is_what_the_proxy_added(settings: Any) -> None:
    settings.BEHIND_PROXY = True
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.7"
    )
    assert client_ip(request) == "198.51.100.7"

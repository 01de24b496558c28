import pytest
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def quick_passwords(settings: LazySettings) -> None:
    """Some eighty log-ins: the slow hash of production would take a minute and test nothing."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

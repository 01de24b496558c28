"""Secrets at rest."""

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import call_command
from pytest_django.fixtures import Settings

from jspm_social.platforms.channels import client_of
from jspm_social.platforms.errors import AuthExpired
from jspm_social.platforms.models import Channel, Credential
from jspm_social.platforms.vault import rotate, seal, unseal

SECRETS = {"access_token": "himitsu-no-token", "app_secret": "秘密"}
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_what_is_sealed_can_be_opened_and_not_read(settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = [NEW]
    sealed = seal(SECRETS)
    assert unseal(sealed) == SECRETS
    assert b"himitsu" not in sealed
    assert seal(SECRETS) != sealed


def test_an_old_key_still_opens_after_a_new_one_came(settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    sealed = seal(SECRETS)
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    assert unseal(sealed) == SECRETS


def test_rotation_makes_the_old_key_unnecessary(settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    sealed = seal(SECRETS)
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    rotated = rotate(sealed)
    settings.CREDENTIAL_KEYS = [NEW]
    assert unseal(rotated) == SECRETS
    with pytest.raises(InvalidToken):
        unseal(sealed)
    with pytest.raises(InvalidToken):
        rotate(sealed)


def test_new_secrets_are_sealed_with_the_newest_key(settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    sealed = seal(SECRETS)
    settings.CREDENTIAL_KEYS = [OLD]
    with pytest.raises(InvalidToken):
        unseal(sealed)


def test_a_changed_seal_does_not_open() -> None:
    sealed = bytearray(seal(SECRETS))
    sealed[-10] ^= 1
    with pytest.raises(InvalidToken):
        unseal(bytes(sealed))


@pytest.fixture
def channel(db: None) -> Channel:
    channel = Channel.objects.create(platform="facebook", name="学会", account_id="own")
    Credential.objects.create(channel=channel, sealed=seal(SECRETS))
    return channel


def test_access_holds_the_secrets_and_does_not_show_them(channel: Channel) -> None:
    access = channel.access()
    assert (access.secrets, access.account_id) == (SECRETS, "own")
    shown = f"{access!r} {access} {channel!r} {channel} {channel.credential!r}"
    assert "himitsu" not in shown
    assert "秘密" not in shown
    assert repr(channel.credential) == f"<Credential of channel {channel.pk}>"


def test_access_without_credentials_has_no_secrets(channel: Channel) -> None:
    Credential.objects.all().delete()
    assert channel.access().secrets == {}


def test_credential_is_replaced_as_a_whole(channel: Channel) -> None:
    Credential.objects.get().replace({"access_token": "renewed"})
    assert channel.access().secrets == {"access_token": "renewed"}


def test_client_stores_renewed_tokens_at_once(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(
        "jspm_social.platforms.channels.client_for",
        lambda access, *, save_secrets: given.update(access=access, save=save_secrets),
    )
    client_of(channel)
    given["save"]({"access_token": "renewed"})
    assert channel.access().secrets == {"access_token": "renewed"}


def test_client_of_secrets_that_no_key_opens_asks_for_a_reconnection(
    channel: Channel, settings: Settings
) -> None:
    settings.CREDENTIAL_KEYS = [NEW]
    with pytest.raises(AuthExpired, match="no key opens the stored secrets"):
        client_of(channel)


def test_renewed_tokens_of_a_channel_that_was_disconnected_meanwhile_are_not_kept(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(
        "jspm_social.platforms.channels.client_for",
        lambda access, *, save_secrets: given.update(save=save_secrets),
    )
    client_of(channel)
    Credential.objects.all().delete()
    with pytest.raises(AuthExpired):
        given["save"]({"access_token": "renewed"})
    assert not Credential.objects.exists()


def test_command_rotates_every_credential(channel: Channel, settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = [NEW, *settings.CREDENTIAL_KEYS]
    call_command("rotate_credentials", stdout=StringIO())
    settings.CREDENTIAL_KEYS = [NEW]
    assert channel.access().secrets == SECRETS

"""Encrypt every channel's secrets anew with the first of CREDENTIAL_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from jspm_social.platforms.models import Credential
from jspm_social.platforms.vault import rotate


class Command(BaseCommand):
    help = "After a new key was put first in CREDENTIAL_KEYS; then the old key can be dropped."

    def handle(self, **_options: Any) -> None:
        with transaction.atomic():
            rows = list(Credential.objects.select_for_update())
            for row in rows:
                row.sealed = rotate(bytes(row.sealed))
                row.save(update_fields=["sealed"])
        self.stdout.write(f"{len(rows)} credentials are encrypted with the newest key")

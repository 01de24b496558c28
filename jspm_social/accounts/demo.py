"""The people of the demonstration: one of each role, a second moderator and a second admin."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.accounts.services import create_user


@dataclass(frozen=True)
class DemoPerson:
    username: str
    display_name: str
    reading: str
    role: Role

    @property
    def password(self) -> str:
        """The same on every machine: the demonstration is local, and tests log in with it."""
        return f"demo-{self.username}-2026"


CAST: Final = (
    DemoPerson("member", "佐藤 委員", "さとう いいん", Role.MEMBER),
    DemoPerson("reviewer", "鈴木 監修", "すずき かんしゅう", Role.REVIEWER),
    DemoPerson("moderator", "高橋 モデレーター", "たかはし もでれーたー", Role.MODERATOR),
    DemoPerson("moderator2", "田中 モデレーター", "たなか もでれーたー", Role.MODERATOR),
    DemoPerson("chair", "伊藤 委員長", "いとう いいんちょう", Role.CHAIR),
    DemoPerson("admin", "渡辺 管理者", "わたなべ かんりしゃ", Role.ADMIN),
    DemoPerson("admin2", "小林 管理者", "こばやし かんりしゃ", Role.ADMIN),
    DemoPerson("auditor", "山本 監査", "やまもと かんさ", Role.AUDITOR),
)


def create_demo_users() -> tuple[DemoPerson, ...]:
    """Create whoever of the cast is missing; people who exist keep their password and roles.

    Raises:
        ImproperlyConfigured: this is no demonstration; known passwords would be open doors.
    """
    if not settings.DEMO:
        raise ImproperlyConfigured("demo users are only for a demonstration (DEMO=true)")
    present = set(User.objects.values_list("username", flat=True))
    for person in CAST:
        if person.username not in present:
            create_user(
                actor=None,
                username=person.username,
                display_name=person.display_name,
                reading=person.reading,
                email=f"{person.username}@demo.invalid",
                password=person.password,
                roles=[person.role],
            )
    return CAST

"""The only ways in which people and their rights change."""

import unicodedata
from collections.abc import Iterable
from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from jspm_social.accounts.models import Deputyship, User
from jspm_social.accounts.roles import Role
from jspm_social.audit.services import record
from jspm_social.audit.verbs import Verb


def create_user(
    *,
    actor: User | None,
    username: str,
    display_name: str,
    password: str,
    reading: str = "",
    email: str = "",
    roles: Iterable[str] = (),
) -> User:
    """Register a person who can log in at once.

    Raises:
        ValidationError: a field or the password is not acceptable; messages are in Japanese.
    """
    user = User(
        username=username,
        display_name=display_name,
        reading=hiragana(reading),
        email=email,
        roles=in_order(roles),
    )
    user.set_password(password)
    user.full_clean()
    validate_password(password, user)
    with transaction.atomic():
        user.save(force_insert=True)
        record(
            actor=actor,
            verb=Verb.USER_CREATED,
            target=user,
            details={"roles": user.roles},
            personal={"username": username, "display_name": display_name},
        )
    return user


def set_roles(*, actor: User | None, user: User, roles: Iterable[str]) -> User:
    """Give `user` exactly these roles.

    Raises:
        ValidationError: an unknown role, or nobody would be left to administer the console.
    """
    with transaction.atomic():
        person, admins = _locked_beside_admins(user)
        was_admin = person.has_role(Role.ADMIN)
        before, person.roles = person.roles, in_order(roles)
        person.clean_fields(exclude=["password"])
        _require_admin(person, admins, was=was_admin)
        person.save(update_fields=["roles"])
        record(
            actor=actor,
            verb=Verb.USER_ROLES_SET,
            target=person,
            details={"before": before, "after": person.roles},
        )
    return person


def deactivate(*, actor: User | None, user: User, reason: str) -> User:
    """End a person's access, open sessions included. What they did stays as it is.

    Raises:
        ValidationError: nobody would be left to administer the console.
    """
    with transaction.atomic():
        person, admins = _locked_beside_admins(user)
        was_admin = person.has_role(Role.ADMIN)
        person.is_active = False
        _require_admin(person, admins, was=was_admin)
        person.save(update_fields=["is_active"])
        record(
            actor=actor,
            verb=Verb.USER_DEACTIVATED,
            target=person,
            personal={"reason": reason},
        )
    return person


def set_password(*, actor: User | None, user: User, password: str) -> User:
    """Change a password; every other session of the person ends with it.

    Raises:
        ValidationError: the password is too weak.
    """
    validate_password(password, user)
    with transaction.atomic():
        person = _locked(user)
        person.set_password(password)
        person.save(update_fields=["password"])
        record(actor=actor, verb=Verb.USER_PASSWORD_SET, target=person)
    return person


def appoint_deputy(
    *, actor: User, absent: User, deputy: User, role: str, first_day: date, last_day: date
) -> Deputyship:
    """Let `deputy` approve in the place of `absent` from the first to the last day.

    Raises:
        ValidationError: the absent person lacks the role, it is the same person, or no day.
    """
    if not absent.has_role(role):
        raise ValidationError("不在の人は、その役割を持っていません。")
    if absent.pk == deputy.pk:
        raise ValidationError("本人を代理にはできません。")
    if last_day < first_day:
        raise ValidationError("最終日は、初日より後にしてください。")
    with transaction.atomic():
        made = Deputyship.objects.create(
            absent=absent, deputy=deputy, role=role, first_day=first_day, last_day=last_day
        )
        record(
            actor=actor,
            verb=Verb.DEPUTY_APPOINTED,
            target=made,
            details={
                "absent": absent.pk,
                "deputy": deputy.pk,
                "role": role,
                "days": [first_day.isoformat(), last_day.isoformat()],
            },
        )
    return made


def end_deputyship(*, actor: User, deputyship: Deputyship) -> None:
    """End it before its last day: from now on the deputy approves nothing in the other's place."""
    with transaction.atomic():
        record(
            actor=actor,
            verb=Verb.DEPUTY_ENDED,
            target=deputyship,
            details={"absent": deputyship.absent_id, "deputy": deputyship.deputy_id},
        )
        deputyship.delete()


def hiragana(text: str) -> str:
    """A reading in one spelling, so that people sort together: NFKC, katakana as hiragana."""
    folded = unicodedata.normalize("NFKC", text).strip()
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in folded)


def in_order(roles: Iterable[str]) -> list[str]:
    """Each role once, in the order of `Role`; unknown ones last, for validation to refuse."""
    order = list(Role.values)
    return sorted(set(roles), key=lambda role: order.index(role) if role in order else len(order))


def _locked(user: User) -> User:
    """The person's row, locked against other changes."""
    # no_key: events that point at this person must not wait for us while they hold the chain
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _locked_beside_admins(user: User) -> tuple[User, list[User]]:
    """The person and all other active administrators, locked in one order: two administrators
    who remove each other at once must neither both succeed nor block each other.
    """
    admins = Q(roles__contains=[Role.ADMIN], is_active=True)
    rows = User.objects.select_for_update(no_key=True).order_by("pk")
    people = {person.pk: person for person in rows.filter(admins | Q(pk=user.pk))}
    return people.pop(user.pk), list(people.values())


def _require_admin(person: User, others: list[User], *, was: bool) -> None:
    if was and not others and not person.has_role(Role.ADMIN):
        raise ValidationError("管理者がいなくなるため、変更できません。", code="last_admin")

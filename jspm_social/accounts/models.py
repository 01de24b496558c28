"""The people who work with the console."""

from collections.abc import Iterable
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from jspm_social.accounts.roles import Capability, Role, capabilities

USERNAME = r"^[a-z0-9][a-z0-9._-]{1,63}$"


class UserManager(BaseUserManager["User"]):
    """Creating people is `accounts.services.create_user`, which leaves an audit event."""


class User(AbstractBaseUser):
    """One person. Never deleted (the audit trail points here): `is_active` ends the access."""

    username = models.CharField(
        "利用者名",
        max_length=64,
        unique=True,
        db_collation="C",
        validators=[
            RegexValidator(USERNAME, "半角の英小文字・数字と . _ - で2〜64文字にしてください。")
        ],
    )
    display_name = models.CharField("氏名", max_length=100)
    reading = models.CharField(
        "よみ",
        max_length=100,
        blank=True,
        db_collation="C",
        help_text="ひらがな。名簿の並び順に使います。",
    )
    email = models.EmailField("メールアドレス", blank=True)
    roles = ArrayField(
        models.CharField(max_length=16, choices=Role.choices),
        verbose_name="役割",
        default=list,
        blank=True,
    )
    is_active = models.BooleanField("有効", default=True)
    created_at = models.DateTimeField("登録日時", default=timezone.now, editable=False)
    # Here and not in a row of its own: every page of the console asks.
    tour_ended_at = models.DateTimeField("はじめての案内を終えた日時", null=True, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    objects = UserManager()

    class Meta:
        ordering = ["reading", "username"]
        verbose_name = "利用者"
        verbose_name_plural = "利用者"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(roles__contained_by=list(Role.values)), name="user_roles_known"
            ),
            models.CheckConstraint(
                condition=models.Q(username__regex=USERNAME), name="user_username_plain"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_full_name(self) -> str:
        return self.display_name

    def can(self, capability: Capability) -> bool:
        """True while the person is active and one of the roles allows it."""
        return self.is_active and capability in capabilities(self.roles)

    def has_role(self, role: str) -> bool:
        return self.is_active and role in self.roles

    def acts_as(self, role: str) -> bool:
        """True for a role of one's own, and for one that one stands in for today."""
        if self.has_role(role):
            return True
        today = timezone.localdate()
        standing_in = Deputyship.objects.filter(
            deputy=self, role=role, first_day__lte=today, last_day__gte=today
        )
        return self.is_active and any(
            row.absent.has_role(role) for row in standing_in.select_related("absent")
        )

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's own question, answered from the capabilities; for the parts below accounts
        (audit) and for templates' `perms`. Rights on single objects do not exist here.
        """
        return obj is None and self.is_active and perm in capabilities(self.roles)

    def has_perms(self, perms: Iterable[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    @property
    def role_labels(self) -> list[str]:
        return [role.label for role in Role if role in self.roles]


class Deputyship(models.Model):
    """Somebody who approves in another's place while that person is away (代理).

    Only for approvals: a deputy gains no page and no other right. Whoever wrote a post does not
    approve it as a deputy either.
    """

    absent = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="不在の人"
    )
    deputy = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="代理の人"
    )
    role = models.CharField("役割", max_length=16, choices=Role.choices)
    first_day = models.DateField("初日")
    last_day = models.DateField("最終日")

    class Meta:
        verbose_name = "代理"
        ordering = ["-last_day", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="deputyship_has_days"
            ),
            models.CheckConstraint(
                condition=~models.Q(absent=models.F("deputy")), name="deputy_is_another"
            ),
        ]

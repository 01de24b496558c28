"""The people who work with the console."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from jspm_social.accounts.roles import Capability, Role, capabilities
from jspm_social.accounts.states import InvitationState

USERNAME = r"^[a-z0-9][a-z0-9._-]{1,63}$"


class UserManager(BaseUserManager["User"]):
    """Creating people is `accounts.services.create_user`, which leaves an audit event."""

    def at_work(self) -> "models.QuerySet[User]":
        """Whoever may be asked for something today: active, and not on leave."""
        away = Leave.objects.filter(days_of(timezone.localdate())).values("person")
        return self.filter(is_active=True).exclude(pk__in=away)


def days_of(day: date) -> models.Q:
    """Rows with a first and a last day that hold `day`."""
    return models.Q(first_day__lte=day, last_day__gte=day)


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
    access_number = models.PositiveIntegerField(default=0, editable=False)
    """Counts the changes of access: sessions that began under an earlier number are over."""
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

    def get_session_auth_hash(self) -> str:
        """What a session is bound to: the password, and the rights it began with."""
        return self._session_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (self._session_hash(secret) for secret in settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | bytes) -> str:
        bound_to = f"{self.password}:{self.access_number}"
        return salted_hmac(
            "accounts.session", bound_to, secret=secret, algorithm="sha256"
        ).hexdigest()

    def can(self, capability: Capability) -> bool:
        """True while the person is active and one of the roles allows it."""
        return self.is_active and capability in capabilities(self.roles)

    def has_role(self, role: str) -> bool:
        return self.is_active and role in self.roles

    def acts_as(self, role: str) -> bool:
        """True for a role of one's own, and for one that one stands in for today."""
        if self.has_role(role):
            return True
        standing_in = Deputyship.objects.filter(
            days_of(timezone.localdate()), deputy=self, role=role
        )
        return self.is_active and any(
            row.absent.has_role(role) for row in standing_in.select_related("absent")
        )

    def is_away(self) -> bool:
        """True on the days of a leave: then nobody is asked for an answer, nor gives one."""
        return Leave.objects.filter(days_of(timezone.localdate()), person=self).exists()

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


class Leave(models.Model):
    """The days on which somebody is away (不在): no mails, no approvals, asked for or given.

    Reading and writing stay possible, and the person can end it at any time. Who approves in
    their place is a `Deputyship`.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="leaves")
    first_day = models.DateField("初日")
    last_day = models.DateField("最終日")

    class Meta:
        verbose_name = "不在"
        ordering = ["first_day", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="leave_has_days"
            )
        ]


class Invitation(models.Model):
    """Somebody is asked by mail to join (招待). The account begins when they set a password.

    No secret is stored: the link in the mail is this row's id, signed. It works once, while the
    row is open, and not after `expires_at`.
    """

    username = models.CharField("利用者名", max_length=64, db_collation="C")
    display_name = models.CharField("氏名", max_length=100)
    reading = models.CharField("よみ", max_length=100, blank=True, db_collation="C")
    email = models.EmailField("メールアドレス")
    roles = ArrayField(models.CharField(max_length=16, choices=Role.choices), default=list)
    state = models.CharField(
        "状態", max_length=16, choices=InvitationState.choices, default=InvitationState.OPEN
    )
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField("招待日時", default=timezone.now)
    expires_at = models.DateTimeField("期限")
    mailed_at = models.DateTimeField("送信日時", null=True)
    joined = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "招待"
        ordering = ["-invited_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["username"],
                condition=models.Q(state=InvitationState.OPEN),
                name="one_open_invitation_per_username",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=InvitationState.values), name="invitation_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_over(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def role_labels(self) -> list[str]:
        return [role.label for role in Role if role in self.roles]


class AccessReview(models.Model):
    """The yearly look at who has access (利用者の見直し). Open until everybody is answered for."""

    opened_at = models.DateTimeField("開始日時", default=timezone.now)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reminded_at = models.DateTimeField("督促日時", null=True)
    closed_at = models.DateTimeField("完了日時", null=True)

    class Meta:
        verbose_name = "利用者の見直し"
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["closed_at"], name="one_open_access_review", nulls_distinct=False
            )
        ]


class AccessAnswer(models.Model):
    """One person's access in one review: confirmed as it stood, or ended. Never changed."""

    class Outcome(models.TextChoices):
        KEPT = "kept", "継続"
        ENDED = "ended", "停止"

    review = models.ForeignKey(AccessReview, on_delete=models.PROTECT, related_name="answers")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    roles = ArrayField(models.CharField(max_length=16), default=list)
    outcome = models.CharField("結果", max_length=16, choices=Outcome.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "見直しの回答"
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "person"], name="one_answer_per_person")
        ]

    @property
    def role_labels(self) -> list[str]:
        return [role.label for role in Role if role in self.roles]

"""The society's accounts on the platforms, and what is remembered about reading them."""

from datetime import datetime

from django.conf import settings
from django.db import models

from .contract import ChannelAccess
from .metering import NO_METER, Meter
from .names import Platform
from .states import AttemptState, ChannelState, DeliveryState
from .vault import seal, unseal


class Channel(models.Model):
    """One official account (公式アカウント) on one platform."""

    platform = models.CharField("プラットフォーム", max_length=16, choices=Platform.choices)
    name = models.CharField("名称", max_length=80, unique=True)
    account_id = models.CharField("アカウントID", max_length=255)
    account_name = models.CharField("アカウント名", max_length=255, blank=True)
    base_url = models.CharField("接続先URL", max_length=255, blank=True)
    options = models.JSONField(default=dict, blank=True)
    state = models.CharField(
        "状態", max_length=16, choices=ChannelState.choices, default=ChannelState.ACTIVE
    )
    calm_until = models.DateTimeField(
        "待機期限", null=True, blank=True
    )  # rate limit: no call before
    # Our own pace: no reading before, so that a budget lasts. Effects go on.
    read_after = models.DateTimeField("次の取得", null=True, blank=True)
    failed_readings = models.PositiveSmallIntegerField(default=0)  # one after the other
    monthly_ceiling = models.PositiveIntegerField("月の上限（ドル）", null=True, blank=True)
    trouble = models.CharField("直近の問題", max_length=200, blank=True)  # for people, no secrets
    broken_at = models.DateTimeField("接続が切れた日時", null=True, blank=True)
    pulled_at = models.DateTimeField("最終取得", null=True, blank=True)
    pause_reason = models.CharField("一時停止の理由", max_length=200, blank=True)
    # What the last test of the connection found; see contract.ConnectionReport.
    tested_at = models.DateTimeField("接続の確認", null=True, blank=True)
    granted = models.JSONField("権限", null=True, blank=True)
    findings = models.JSONField("確認した内容", default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "公式アカウント"
        ordering = ["platform", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def access_ends_at(self) -> datetime | None:
        """When a person is needed at the latest; None where that is not known, or never."""
        credential = getattr(self, "credential", None)
        ends = [credential.expires_at, credential.data_access_until] if credential else []
        return min((end for end in ends if end is not None), default=None)

    @property
    def permissions(self) -> frozenset[str] | None:
        """The permissions found in the token; None where the platform does not tell them."""
        return None if self.granted is None else frozenset(self.granted)

    def access(self, meter: Meter = NO_METER) -> ChannelAccess:
        """Return what an adapter needs, secrets decrypted."""
        sealed = Credential.objects.filter(channel=self).values_list("sealed", flat=True).first()
        return ChannelAccess(
            platform=Platform(self.platform),
            account_id=self.account_id,
            base_url=self.base_url,
            secrets=unseal(bytes(sealed)) if sealed else {},
            options=self.options,
            meter=meter,
        )


class Credential(models.Model):
    """A channel's secrets, encrypted. Erased when the channel is disconnected.

    `expires_at` is when a person is needed unless the secrets are renewed before; None where that
    is not known, or never. Short-lived tokens that a refresh token renews do not count.
    """

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="credential")
    sealed = models.BinaryField()
    updated_at = models.DateTimeField(auto_now=True)
    issued_at = models.DateTimeField("発行", null=True, blank=True)
    expires_at = models.DateTimeField("有効期限", null=True, blank=True)
    data_access_until = models.DateTimeField("データへのアクセス期限", null=True, blank=True)
    tried_at = models.DateTimeField("更新を試した日時", null=True, blank=True)

    def __repr__(self) -> str:
        return f"<Credential of channel {self.channel_id}>"

    def replace(self, secrets: dict[str, str], **times: datetime | None) -> None:
        """Store new secrets in one write, so that no half-rotated token can be read.

        `times` are those of the fields above that change with them.
        """
        self.sealed = seal(secrets)
        for name, value in times.items():
            setattr(self, name, value)
        self.save(update_fields=["sealed", "updated_at", *times])


class BudgetUse(models.Model):
    """What was used of one budget of a channel in one window of time; see `budgets`.

    What the platform tells, rather than we count, has one row whose window began in 1970.
    `told_limit` is the limit where the platform tells it; `seen` are digests of what was
    counted today, where the same thing counts once a day.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="budget_uses")
    meter = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used = models.BigIntegerField(default=0)
    told_limit = models.BigIntegerField(null=True)
    seen = models.BinaryField(default=b"")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "meter", "starts_at"], name="one_row_per_budget_and_window"
            )
        ]
        indexes = [models.Index(fields=["ends_at"], name="budget_by_end")]


class ConnectionAttempt(models.Model):
    """An account that is being connected: from the form to the platform's permission and back.

    `sealed` holds secrets (the app's, the state, the code verifier, tokens between which a
    person chooses), encrypted like a channel's. It belongs to one person in one browser session
    and ends after ten minutes; with success the row is deleted.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session_digest = models.CharField(max_length=64)
    state_digest = models.CharField(max_length=64, unique=True)
    platform = models.CharField(max_length=16, choices=Platform.choices)
    name = models.CharField(max_length=80)
    base_url = models.CharField(max_length=255, blank=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, related_name="+")
    state = models.CharField(
        max_length=16, choices=AttemptState.choices, default=AttemptState.ASKING
    )
    sealed = models.BinaryField()
    trouble = models.CharField(max_length=300, blank=True)  # a Japanese sentence, no secrets
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "接続の手続き"

    def __repr__(self) -> str:
        return f"<ConnectionAttempt {self.pk}>"


class SyncCursor(models.Model):
    """How far a channel has been read. The lease lets one worker read at a time."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="cursor")
    position = models.JSONField(default=dict)
    leased_until = models.DateTimeField(null=True, blank=True)


class ChannelNotice(models.Model):
    """A mail about a channel that was sent; `about` is the moment it speaks of, so that the same
    thing is told once.
    """

    class Kind(models.TextChoices):
        RECONNECT = "reconnect", "再接続が必要"
        EXPIRES_IN_14_DAYS = "expires_14", "まもなく期限（14日前）"
        EXPIRES_IN_3_DAYS = "expires_3", "まもなく期限（3日前）"

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    about = models.DateTimeField()
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "kind", "about"], name="each_notice_once")
        ]


class RemotePost(models.Model):
    """A post of the society as it stands on a platform: what comments stand under."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="posts")
    remote_id = models.CharField(max_length=255)
    text = models.TextField(blank=True)
    permalink = models.CharField(max_length=500, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "remote_id"], name="one_row_per_remote_post")
        ]

    def __str__(self) -> str:
        return self.text[:40] or self.remote_id


class StopSwitch(models.Model):
    """An emergency stop (緊急停止), checked inside every send. A row exists while it is on."""

    class Kind(models.TextChoices):
        EFFECTS = "effects", "コメントへの対応"
        PUBLISHING = "publishing", "投稿の公開"

    kind = models.CharField(max_length=16, choices=Kind.choices, unique=True)
    reason = models.CharField(max_length=500)
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    stopped_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "緊急停止"


class Heartbeat(models.Model):
    """When a part of the machinery last gave a sign of life (one row per queue)."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()


class WebhookAddress(models.Model):
    """Where a channel's platform may send to. Whoever does not know the token finds nothing."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=64, unique=True)


class WebhookDelivery(models.Model):
    """What was taken of one webhook's body, until a worker has taken it in.

    Then the body is erased and the key stays a while: the same delivery is not taken twice.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=64)
    body = models.BinaryField()
    state = models.CharField(
        max_length=16, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "届いた通知"
        constraints = [
            models.UniqueConstraint(fields=["channel", "key"], name="each_delivery_once")
        ]
        indexes = [
            models.Index(fields=["received_at"], name="webhook_by_age"),
            models.Index(
                fields=["due_at"],
                name="webhook_due",
                condition=models.Q(state=DeliveryState.WAITING),
            ),
        ]


class WebhookRefusals(models.Model):
    """How many deliveries were refused for one reason since the audit trail last told of it."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+", db_index=False)
    reason = models.CharField(max_length=16)
    count = models.PositiveIntegerField(default=0)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "reason"], name="refusals_by_reason")
        ]

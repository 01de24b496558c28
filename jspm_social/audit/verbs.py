"""Every verb of the audit trail, with the words the page shows. Names are never reused."""

from django.db import models


class Verb(models.TextChoices):
    """`<noun>.<what happened to it>`; each part of the console adds its own lines here."""

    # People
    USER_CREATED = "user.created", "利用者を登録"
    USER_ROLES_SET = "user.roles_set", "役割を変更"
    USER_DEACTIVATED = "user.deactivated", "利用を停止"
    USER_PASSWORD_SET = "user.password_set", "パスワードを変更"

    # The audit trail itself
    AUDIT_EXPORTED = "audit.exported", "監査記録を書き出し"
    AUDIT_PERSONAL_ERASED = "audit.personal_erased", "監査記録の個人情報を消去"

    # Approvals
    APPROVAL_OPENED = "approval.opened", "承認を依頼"
    APPROVAL_VOTED = "approval.voted", "承認依頼に回答"
    APPROVAL_RECUSED = "approval.recused", "承認を辞退"
    APPROVAL_VOIDED = "approval.voided", "承認依頼を無効に"
    APPROVAL_EXPIRED = "approval.expired", "承認依頼が期限切れ"


def label(verb: str) -> str:
    """What the page shows; a verb without a line here shows as it is."""
    return str(Verb(verb).label) if verb in Verb else verb

"""Every verb of the audit trail, with the words the page shows. Names are never reused."""

from django.db import models


class Verb(models.TextChoices):
    """`<noun>.<what happened to it>`; each part of the console adds its own lines here."""

    # People
    USER_CREATED = "user.created", "利用者を登録"
    USER_ROLES_SET = "user.roles_set", "役割を変更"
    USER_DEACTIVATED = "user.deactivated", "利用を停止"
    USER_PASSWORD_SET = "user.password_set", "パスワードを変更"
    DEPUTY_APPOINTED = "deputy.appointed", "代理を決定"
    DEPUTY_ENDED = "deputy.ended", "代理を終了"

    # The audit trail itself
    AUDIT_EXPORTED = "audit.exported", "監査記録を書き出し"
    AUDIT_PERSONAL_ERASED = "audit.personal_erased", "監査記録の個人情報を消去"

    # Approvals
    APPROVAL_OPENED = "approval.opened", "承認を依頼"
    APPROVAL_VOTED = "approval.voted", "承認依頼に回答"
    APPROVAL_RECUSED = "approval.recused", "承認を辞退"
    APPROVAL_VOIDED = "approval.voided", "承認依頼を無効に"
    APPROVAL_EXPIRED = "approval.expired", "承認依頼が期限切れ"

    # The policy and the rules it is applied by
    POLICY_IN_FORCE = "policy.in_force", "運用方針を施行"
    RULESET_ACTIVATED = "ruleset.activated", "規則セットを使用開始"

    # Comments, cases and what is decided about them
    COMMENTS_RECEIVED = "comments.received", "コメントを取得"
    COMMENTS_JUDGED = "comments.judged", "コメントを判定"
    COMMENT_NOT_JUDGED = "comment.not_judged", "判定できないため人の判断に"
    COMMENTS_SAMPLED = "comments.sampled", "抽出確認に追加"
    COMMENT_FLAGGED = "comment.flagged", "コメントを通報"
    COMMENT_ERASED = "comment.erased", "コメントの本文を消去"
    COMMENTS_ERASED = "comments.erased", "保存期間を過ぎた本文を消去"
    CASE_CARE_NOTIFIED = "case.care_notified", "見守りを通知"
    CASE_REOPENED = "case.reopened", "判断の見直しを開始"
    CASE_DECIDED = "case.decided", "判断"
    CASE_DECISION_UNDONE = "case.decision_undone", "判断を取り消し"
    CASE_DECISION_CONFIRMED = "case.decision_confirmed", "第二モデレーターが同意"
    CASE_DECISION_REFUSED = "case.decision_refused", "第二モデレーターの同意なし"

    # What happens on the platforms
    EFFECT_WAITING = "effect.waiting", "対応を送信待ちに"
    EFFECT_DONE = "effect.done", "対応が完了"
    EFFECT_UNKNOWN = "effect.unknown", "対応の結果が不明"
    EFFECT_FAILED = "effect.failed", "対応に失敗"
    EFFECT_CANCELLED = "effect.cancelled", "対応を取りやめ"
    TASK_OPEN = "task.open", "手作業を戻す"
    TASK_CLAIMED = "task.claimed", "手作業を引き受け"
    TASK_DONE = "task.done", "手作業を完了"
    TASK_NOT_POSSIBLE = "task.not_possible", "手作業はできなかった"
    SWITCH_STOPPED = "switch.stopped", "緊急停止"
    SWITCH_RESUMED = "switch.resumed", "緊急停止を解除"
    CHANNEL_CONNECTED = "channel.connected", "公式アカウントを接続"
    CHANNEL_RECONNECTED = "channel.reconnected", "公式アカウントを再接続"
    CHANNEL_STATE = "channel.state", "公式アカウントの状態を変更"
    CHANNEL_TOKEN_RENEWED = "channel.token_renewed", "接続の期限を更新"
    CHANNEL_NOTICE = "channel.notice", "公式アカウントについて通知"
    CHANNEL_CEILING = "channel.ceiling", "料金の上限を変更"
    CHANNEL_TESTED = "channel.tested", "公式アカウントの接続を確認"
    CHANNEL_NOT_CONNECTED = "channel.not_connected", "公式アカウントを接続できず"
    WEBHOOK_REFUSED = "webhook.refused", "届いた通知を受け付けず"
    WEBHOOK_FAILED = "webhook.failed", "届いた通知を処理できず"

    # Our own posts
    POST_BEGUN = "post.begun", "下書きを作成"
    POST_EDITED = "post.edited", "下書きを編集"
    POST_DROPPED = "post.dropped", "投稿を取りやめ"
    POST_TAKEN_UP = "post.taken_up", "取りやめた投稿を再開"
    POST_SUBMITTED = "post.submitted", "投稿の承認を依頼"
    POST_APPROVED = "post.approved", "投稿が承認された"
    POST_SENT_BACK = "post.sent_back", "投稿を差し戻し"
    POST_APPROVAL_EXPIRED = "post.approval_expired", "投稿の承認が期限切れ"
    FAST_LANE_MARKED = "fast_lane.marked", "投稿を緊急として扱う"
    FAST_LANE_REVIEWED = "fast_lane.reviewed", "緊急の扱いを事後に確認"
    POST_SCHEDULED = "post.scheduled", "投稿を予約"
    POST_MOVED = "post.moved", "予約日時を変更"
    POST_UNSCHEDULED = "post.unscheduled", "予約を取り消し"
    POST_SENT = "post.sent", "投稿の送信が終了"
    REMARK_MADE = "remark.made", "下書きにコメント"
    REMARK_RESOLVED = "remark.resolved", "下書きのコメントを解決"
    SUGGESTION_MADE = "suggestion.made", "文言を提案"
    SUGGESTION_SETTLED = "suggestion.settled", "文言の提案を処理"
    MEDIA_ADDED = "media.added", "素材を登録"
    MEDIA_CHANGED = "media.changed", "素材の権利・説明を変更"
    EVENT_CHANGED = "event.changed", "イベントを登録・変更"
    SOURCE_ADDED = "source.added", "出典を登録"
    ERROR_REPORTED = "error.reported", "公開した投稿の誤りを報告"
    ERROR_CHECKED = "error.checked", "誤りの事実確認"
    ERROR_DECIDED = "error.decided", "誤りへの対応を決定"
    ERROR_ANSWERED = "error.answered", "誤りへの対応に同意・不同意"
    ERROR_CLOSED = "error.closed", "誤りへの対応が終了"
    POST_EXPIRED = "post.expired", "掲載期限により取り下げ"
    ACTION_PROPOSED = "action.proposed", "アクションを提案"
    ACTION_ANSWERED = "action.answered", "アクションに同意・不同意"
    ACTION_DONE = "action.done", "アクションを実施"
    ACTION_DROPPED = "action.dropped", "アクションを取りやめ"
    ACTION_REVIEWED = "action.reviewed", "フォローを見直し"
    LINK_MADE = "link.made", "閲覧用リンクを作成"
    LINK_REVOKED = "link.revoked", "閲覧用リンクを無効に"
    POSTING_RULE_SET = "posting.rule_set", "投稿の決まりを変更"
    TEMPLATE_KEPT = "template.kept", "ひな形を保存"
    FINDING_OVERRIDDEN = "finding.overridden", "確認事項を承知で許可"
    DELIVERY_WAITING = "delivery.waiting", "公開を送信待ちに"
    DELIVERY_DONE = "delivery.done", "公開が完了"
    DELIVERY_UNKNOWN = "delivery.unknown", "公開の結果が不明"
    DELIVERY_FAILED = "delivery.failed", "公開に失敗"
    DELIVERY_CANCELLED = "delivery.cancelled", "公開を取りやめ"
    DELIVERY_READ_BACK = "delivery.read_back", "公開された内容を確認"


def label(verb: str) -> str:
    """What the page shows; a verb without a line here shows as it is."""
    return str(Verb(verb).label) if verb in Verb else verb

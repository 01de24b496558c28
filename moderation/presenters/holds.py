"""What a rule did to a comment before anybody looked, in the page's words."""

from jspm_social.platforms.names import Effect
from jspm_social.platforms.states import OperationState
from jspm_social.templatetags.ja import moment
from moderation.models import Case, Hold
from moderation.services.holds import SHOWN_AGAIN_AFTER
from moderation.states import CommentStanding, HoldState

_HOURS = int(SHOWN_AGAIN_AFTER.total_seconds() // 3600)
_EXPIRED = {
    "tone": "warn",
    "icon": "attention",
    "title": f"{_HOURS}時間、判断がなかったため、もう一度表示しました",
    "text": "自動でいったん非表示にしていたコメントです。まだ判断されていません。",
}
_CALLED_OFF = {
    "tone": "info",
    "title": "自動の非表示を取りやめました",
    "text": "編集などで判定が変わったか、プラットフォームで非表示にできなかったためです。",
}
_UNDER_WAY = (OperationState.WAITING, OperationState.SENDING)


def about_hold(case: Case) -> list[dict[str, str]]:
    """Say that a rule hid the comment, or showed it again; nothing once a person has decided."""
    hold = case.holds.select_related("ruleset").order_by("-pk").first()
    if hold is None:
        return []
    match hold.state:
        case HoldState.STANDING:
            return [_standing(case, hold)]
        case HoldState.EXPIRED:
            return [_EXPIRED]
        case HoldState.CALLED_OFF:
            return [_CALLED_OFF]
    return []


def _standing(case: Case, hold: Hold) -> dict[str, str]:
    hide = hold.actions.filter(effect=Effect.HIDE).first()
    title = "自動でいったん非表示にしました。残すと決めると元に戻ります"
    if hide is not None and hide.state in _UNDER_WAY:
        title = "自動でいったん非表示にするところです。残すと決めると元に戻ります"
    elif hide is not None and hide.state == OperationState.UNKNOWN:
        title = "自動でいったん非表示にしましたが、反映されたかを確かめています"
    elif case.comment.standing == CommentStanding.VISIBLE:
        title = "自動でいったん非表示にしましたが、いまは表示されています"
    grounds = "、".join(f"「{code}」" for code in hold.criteria)
    text = (
        f"基準{grounds}について、{hold.ruleset}が行いました。人の判断ではありません。"
        f"{moment(hold.until)}までに判断がなければ、自動でもう一度表示します。"
    )
    return {"tone": "warn", "icon": "attention", "title": title, "text": text}

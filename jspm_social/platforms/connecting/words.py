"""What went wrong while connecting, in a person's words, and what to do next."""

from jspm_social.platforms.connect import NotConnected
from jspm_social.platforms.errors import (
    AuthExpired,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Transient,
    Unsupported,
)
from jspm_social.platforms.names import Platform
from jspm_social.platforms.oauth.flow import AppRefused, CodeRefused, NoAccount

TYPE_AGAIN = "パスワードやシークレットは画面に残しません。もう一度入力してください。"
_NO_ACCOUNT = {
    Platform.FACEBOOK: (
        "管理しているFacebookページが見つかりませんでした。許可の画面でページを選んだか、"
        "ページの管理者としてログインしたかを確かめてください。"
    ),
    Platform.INSTAGRAM: (
        "Facebookページと連携しているInstagramのプロアカウントが見つかりませんでした。"
        "連携を確かめ、許可の画面でページとアカウントの両方を選んでください。"
    ),
    Platform.YOUTUBE: "このGoogleアカウントには、YouTubeのチャンネルがありません。",
}


# The first kind that fits; {0} is the platform.
_KINDS: tuple[tuple[tuple[type[PlatformError], ...], str], ...] = (
    (
        (AppRefused,),
        "IDかシークレットが正しくないようです。{0}の開発者向けの画面で確かめてください。",
    ),
    ((CodeRefused,), "許可の期限が切れたか、すでに使われています。もう一度許可してください。"),
    (
        (RateLimited,),
        "{0}の利用回数の上限に達しています。時間をおいて、もう一度お試しください。",
    ),
    (
        (Transient, OutcomeUnknown),
        "{0}から返事を受け取れませんでした。少し待って、もう一度お試しください。",
    ),
    (
        (AuthExpired,),
        "{0}に、この接続を断られました。入力した内容と、許可の画面で選んだ権限を確かめてください。",
    ),
    ((Unsupported,), "{0}の契約や権限では、接続できません。"),
)
_OTHER = "{0}に接続できませんでした。入力した内容や、プラットフォームの設定を確かめてください。"


def explain(platform: Platform, error: NotConnected | PlatformError) -> str:
    """Return what happened and what to do, for the person who is connecting an account."""
    if isinstance(error, NotConnected):
        return str(error)
    if isinstance(error, NoAccount):
        return _NO_ACCOUNT.get(platform, "接続できるアカウントが見つかりませんでした。")
    words = next((told for kinds, told in _KINDS if isinstance(error, kinds)), _OTHER)
    return words.format(platform.label)


def explain_test(platform: Platform, error: PlatformError) -> str:
    """Return the same for an account that is connected already: nothing was typed there."""
    if isinstance(error, AuthExpired):
        return f"{platform.label}に、この接続を断られました。接続し直してください。"
    return explain(platform, error)


DENIED = "許可の画面で許可されなかったため、接続しませんでした。何も保存していません。"

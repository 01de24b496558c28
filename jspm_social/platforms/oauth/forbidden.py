"""Permissions whose purpose is to answer people or to write to them: never asked for, never kept.

A token that has one of these is refused even if somebody granted it elsewhere. The policy
(§4(1), §5(2)(7)) says that comments are not answered.
"""

from collections.abc import Mapping, Set as AbstractSet
from typing import Final

from jspm_social.platforms.names import Platform

_META: Final = frozenset(
    {
        "pages_messaging",
        "pages_messaging_subscriptions",
        "pages_utility_messaging",
        "instagram_manage_messages",
        "instagram_business_manage_messages",
        "whatsapp_business_messaging",
    }
)
FORBIDDEN: Final[Mapping[Platform, frozenset[str]]] = {
    Platform.X: frozenset({"dm.read", "dm.write"}),
    Platform.FACEBOOK: _META,
    Platform.INSTAGRAM: _META,
    # An account's own password, and an app password that may send direct messages.
    Platform.BLUESKY: frozenset({"com.atproto.access", "com.atproto.appPassPrivileged"}),
}
REMEDY: Final[Mapping[Platform, str]] = {
    Platform.X: (
        "Xの「設定→アプリとセッション」でこのアプリの連携を解除し、アプリの権限から"
        "ダイレクトメッセージを外してから、接続し直してください。"
    ),
    Platform.FACEBOOK: (
        "Facebookの「設定→ビジネス統合」でこのアプリを削除し、アプリの権限から"
        "メッセージに関するものを外してから、接続し直してください。"
    ),
    Platform.INSTAGRAM: (
        "Facebookの「設定→ビジネス統合」でこのアプリを削除し、アプリの権限から"
        "メッセージに関するものを外してから、接続し直してください。"
    ),
    Platform.BLUESKY: (
        "アカウントのパスワードではなく、「ダイレクトメッセージへのアクセスを許可」に"
        "チェックを入れずに作ったアプリパスワードを入力してください。"
    ),
}


def excess(platform: Platform, granted: AbstractSet[str] | None) -> frozenset[str]:
    """Return what a token may do and must not."""
    return FORBIDDEN.get(platform, frozenset()) & (granted or frozenset())

"""What a person needs to connect an account, platform by platform, and where to find it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jspm_social.platforms.names import Platform


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to type. Secrets are never shown again; `name` is that of the credential."""

    name: str
    label: str
    hint: str = ""
    secret: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class Guide:
    """How one platform is connected.

    `place` names the page of the platform that has what is asked for. `lifetime` and `plan` are
    shown beside what was found.
    """

    summary: str
    place: str
    place_url: str
    steps: tuple[str, ...]
    entries: tuple[Entry, ...]
    lifetime: str
    plan: str = ""
    server: Entry | None = None  # where the account lives, on platforms of many servers
    redirects: bool = True  # the platform wants to know our callback address beforehand


CALLBACK: Final = "下の「コールバックURL」を、そのまま登録します。"
_META_ENTRIES: Final = (
    Entry("client_id", "アプリID", "数字だけのIDです。"),
    Entry("client_secret", "app secret", "「表示」を押すと見られます。", secret=True),
    Entry(
        "config_id",
        "設定ID（コンフィギュレーション）",
        "「ビジネス向けFacebookログイン」のアプリのときだけ入力します。"
        "メッセージの権限は入れずに作ってください。",
        required=False,
    ),
)
_META_STEPS: Final = (
    "Meta for Developersで、種類が「ビジネス」のアプリを作ります。",
    "「Facebookログイン」を加え、「有効なOAuthリダイレクトURI」に、" + CALLBACK,
    "「アプリの設定→ベーシック」で、アプリIDとapp secretを写します。",
)

GUIDES: Final[Mapping[Platform, Guide]] = {
    Platform.X: Guide(
        summary="Xの画面で許可して接続します。開発者向けの契約（有料）が必要です。",
        place="Xの開発者ポータル",
        place_url="https://developer.x.com/",
        steps=(
            "公式アカウントで開発者ポータルにログインし、プロジェクトとアプリを作ります。",
            "「User authentication settings」で、種類を「Web App」にします。",
            "権限は「Read and write」にします（ダイレクトメッセージを含むものは選びません）。",
            "同じ画面の「Callback URI」に、" + CALLBACK,
            "「Keys and tokens」で、OAuth 2.0のClient IDとClient Secretを写します。",
        ),
        entries=(
            Entry("client_id", "Client ID", "OAuth 2.0のものです。API Keyではありません。"),
            Entry(
                "client_secret", "Client Secret", "作ったときに一度だけ表示されます。", secret=True
            ),
            Entry(
                "consumer_secret",
                "API Key Secret",
                "新しい返信の知らせ（Webhook）を受け取るときだけ入力します。",
                secret=True,
                required=False,
            ),
        ),
        lifetime="2時間ごとに自動で更新します。Xの設定でアプリの連携を解除すると切れます。",
        plan="契約プランと料金は、Xからは読み取れません。開発者ポータルで確かめてください。",
    ),
    Platform.FACEBOOK: Guide(
        summary="Facebookの画面で許可し、接続するページを選びます。",
        place="Meta for Developers",
        place_url="https://developers.facebook.com/apps/",
        steps=(*_META_STEPS, "ページを管理しているFacebookの利用者として許可します。"),
        entries=_META_ENTRIES,
        lifetime="約90日ごとに、同じ人が接続し直す必要があります。"
        "許可した人がパスワードを変えたとき、ページの管理から外れたときにも切れます。",
    ),
    Platform.INSTAGRAM: Guide(
        summary="プロアカウントを、連携しているFacebookページを通して接続します。",
        place="Meta for Developers",
        place_url="https://developers.facebook.com/apps/",
        steps=(
            "Instagramをプロアカウントにし、学会のFacebookページと連携させておきます。",
            *_META_STEPS,
            "ページを管理しているFacebookの利用者として許可します。",
        ),
        entries=_META_ENTRIES,
        lifetime="約90日ごとに、同じ人が接続し直す必要があります。"
        "Facebookページとの連携を外したとき、許可した人がパスワードを変えたときにも切れます。",
    ),
    Platform.THREADS: Guide(
        summary="Threadsの画面で許可して接続します。",
        place="Meta for Developers",
        place_url="https://developers.facebook.com/apps/",
        steps=(
            "Meta for Developersで、「Threads APIにアクセス」のアプリを作ります。",
            "ThreadsのユースケースのコールバックURLに、" + CALLBACK,
            "「アプリの設定→ベーシック」で、ThreadsアプリIDとThreads app secretを写します。",
        ),
        entries=(
            Entry("client_id", "ThreadsアプリID", "MetaアプリのIDとは別のものです。"),
            Entry(
                "client_secret", "Threads app secret", "「表示」を押すと見られます。", secret=True
            ),
        ),
        lifetime="60日で切れます。それまでに更新しないと、接続し直しが必要です。",
    ),
    Platform.YOUTUBE: Guide(
        summary="Googleの画面で許可し、接続するチャンネルを選びます。",
        place="Google Cloudの認証情報",
        place_url="https://console.cloud.google.com/apis/credentials",
        steps=(
            "プロジェクトを作り、「YouTube Data API v3」を有効にします。",
            "OAuth同意画面を「本番環境」にします（テスト中は7日で切れます）。",
            "OAuthクライアントIDを「ウェブ アプリケーション」で作り、"
            "「承認済みのリダイレクトURI」に、" + CALLBACK,
            "クライアントIDとクライアント シークレットを写します。",
        ),
        entries=(
            Entry("client_id", "クライアントID", "「.apps.googleusercontent.com」で終わります。"),
            Entry("client_secret", "クライアント シークレット", secret=True),
        ),
        lifetime="1時間ごとに自動で更新します。6か月使わないと切れます。",
        plan="1日の利用枠は、ふつう10,000単位です。Google Cloudの「割り当て」で確かめられます。",
    ),
    Platform.LINE: Guide(
        summary="LINE公式アカウントの鍵を入力して接続します。許可の画面はありません。",
        place="LINE Developersコンソール",
        place_url="https://developers.line.biz/console/",
        steps=(
            "LINE Official Account Managerの「設定→Messaging API」で、利用を開始します。",
            "LINE Developersの「チャネル基本設定」から、チャネルシークレットを写します。",
            "「Messaging API設定」で、チャネルアクセストークン（長期）を発行して写します。",
            "「応答メッセージ」と「あいさつメッセージ」はオフにします（運用方針5(7)）。",
        ),
        entries=(
            Entry("access_token", "チャネルアクセストークン（長期）", secret=True),
            Entry("channel_secret", "チャネルシークレット", secret=True),
        ),
        lifetime="長期のトークンに期限はありません。再発行すると、前のものは切れます。",
        redirects=False,
    ),
    Platform.BLUESKY: Guide(
        summary="アプリパスワードを入力して接続します。許可の画面はありません。",
        place="Blueskyのアプリパスワード",
        place_url="https://bsky.app/settings/app-passwords",
        steps=(
            "公式アカウントでBlueskyにログインします。",
            "「設定→プライバシーとセキュリティ→アプリパスワード」で、新しく1つ作ります。",
            "「ダイレクトメッセージへのアクセスを許可」には、チェックを入れないでください。",
        ),
        entries=(
            Entry("identifier", "ハンドル", "例：jspm.bsky.social（@は要りません）"),
            Entry(
                "app_password",
                "アプリパスワード",
                "xxxx-xxxx-xxxx-xxxx の形です。アカウントのパスワードは入力しないでください。",
                secret=True,
            ),
        ),
        lifetime="自動で更新します。Blueskyの設定でアプリパスワードを消すと切れます。",
        server=Entry(
            "server",
            "サーバー（PDS）のアドレス",
            "bsky.socialのアカウントなら、空のままにします。",
            required=False,
        ),
        redirects=False,
    ),
    Platform.MASTODON: Guide(
        summary="サーバーの画面で許可して接続します。鍵を入力する必要はありません。",
        place="Mastodonの説明",
        place_url="https://joinmastodon.org/ja",
        steps=(
            "公式アカウントがあるサーバーのアドレスを入力します。",
            "このコンソールを、そのサーバーにアプリとして登録します（自動で行います）。",
            "サーバーの画面に、公式アカウントでログインして許可します。",
        ),
        entries=(),
        lifetime="期限はありません。サーバーの設定でアプリの承認を取り消すと切れます。",
        server=Entry("server", "サーバーのアドレス", "例：mastodon.social"),
        redirects=False,
    ),
}

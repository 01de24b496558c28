"""What is typed to connect an account, and to leave one alone."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django import forms
from django.conf import settings

from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import Rejected
from jspm_social.platforms.http import ChannelHttp
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.oauth.flow import App

from .guide import GUIDES, Entry

PRACTICE = Entry(
    "server",
    "練習用サーバーのアドレス",
    "ふだんは空のままにします。練習用のときだけ入力します。",
    required=False,
)
KEPT = "空のままなら、保存してあるものを使います。"


class ConnectForm(forms.Form):
    """One platform's form. `again` is the channel that is connected anew: it keeps its name.

    Secrets are never written back into the page: after a mistake they are typed again.
    """

    def __init__(
        self, *args: Any, platform: Platform, again: Channel | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.platform, self.again = platform, again
        self.guide = GUIDES[platform]
        self._stored = _stored(again)
        if again is None:
            self.fields["name"] = forms.CharField(
                label="このコンソールでの名称",
                max_length=80,
                help_text="例：日本緩和医療学会 " + platform.label,
                initial=f"日本緩和医療学会 {platform.label}",
            )
        server = self.guide.server or (PRACTICE if settings.CHANNEL_LOOPBACK_HOSTS else None)
        if server is not None and again is None:
            self.fields["server"] = _text(server)
        for entry in self.guide.entries:
            self.fields[entry.name] = self._entry(entry)

    def _entry(self, entry: Entry) -> forms.CharField:
        stored = bool(self._stored_value(entry.name))
        field = _text(entry)
        if stored:
            field.required = False
            field.help_text = f"{field.help_text}{KEPT}"
        return field

    def _stored_value(self, name: str) -> str:
        """What an earlier connection kept: the app's secret has another name at Meta."""
        if name == "client_secret":
            return self._stored.get("client_secret") or self._stored.get("app_secret", "")
        return self._stored.get(name, "")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if Channel.objects.filter(name=name).exists():
            raise forms.ValidationError(
                "同じ名称のアカウントがあります。別の名称にするか、"
                "そのアカウントの「接続し直す」を使ってください。"
            )
        return name

    def clean_identifier(self) -> str:
        return str(self.cleaned_data["identifier"]).strip().lstrip("@")

    def clean_server(self) -> str:
        """Return the server as an address; a bare name and an account's address will do, too."""
        typed = str(self.cleaned_data["server"]).strip().rstrip("/")
        if not typed:
            return ""
        url = typed if "://" in typed else f"https://{typed.rpartition('@')[2]}"
        try:
            ChannelHttp(ChannelAccess(self.platform, "", url), {"server": url})
        except Rejected:
            raise forms.ValidationError(
                "アドレスを読み取れません。「https://」で始まるサーバーのアドレスを入力してください。"
            ) from None
        if self.guide.server and urlsplit(url).hostname not in settings.CHANNEL_LOOPBACK_HOSTS:
            parts = urlsplit(url)
            url = f"{parts.scheme}://{parts.netloc}"  # what stands behind the host is a page
        return url

    @property
    def name(self) -> str:
        return str(self.again.name if self.again else self.cleaned_data["name"])

    @property
    def base_url(self) -> str:
        return str(self.again.base_url if self.again else self.cleaned_data.get("server", ""))

    @property
    def secrets(self) -> dict[str, str]:
        """What was typed, or is kept from before, by the name of its credential."""
        typed = {
            entry.name: str(self.cleaned_data.get(entry.name, "")).strip()
            or self._stored_value(entry.name)
            for entry in self.guide.entries
        }
        return {name: value for name, value in typed.items() if value}

    @property
    def app(self) -> App:
        given = self.secrets
        return App(
            given.get("client_id", ""), given.get("client_secret", ""), given.get("config_id", "")
        )

    @property
    def extra(self) -> dict[str, str]:
        """What goes to the channel besides what the sign-in gives."""
        kept = {"consumer_secret"}
        return {name: value for name, value in self.secrets.items() if name in kept}


def _stored(channel: Channel | None) -> Mapping[str, str]:
    """What a channel keeps; nothing where no key opens it any more."""
    try:
        return channel.access().secrets if channel else {}
    except InvalidToken:
        return {}


def _text(entry: Entry) -> forms.CharField:
    """A field for something copied from another page: no help by the browser is wanted."""
    plain = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    widget = (
        forms.PasswordInput(attrs=plain | {"autocomplete": "new-password"})
        if entry.secret
        else forms.TextInput(attrs=plain)
    )
    return forms.CharField(
        label=entry.label,
        help_text=entry.hint,
        required=entry.required,
        max_length=2000 if entry.secret else 255,
        widget=widget,
    )


class ChoiceForm(forms.Form):
    """Which of the accounts behind a permission."""

    account = forms.TypedChoiceField(
        label="接続するアカウント", coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, labels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - for the type checker
        field.choices = list(enumerate(labels))


class PauseForm(forms.Form):
    reason = forms.CharField(
        label="一時停止の理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="アカウントの一覧に表示され、監査記録に残ります。",
    )


class DisconnectForm(forms.Form):
    understood = forms.BooleanField(
        label="上の内容を確かめました。接続情報を消して切断します。",
        error_messages={"required": "内容を確かめ、チェックを入れてください。"},
    )

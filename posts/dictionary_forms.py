"""What people type about the word lists."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from posts.checks.catalogue import CATALOGUE
from posts.checks.entries import EXPRESSIONS, LISTS, Entry, word_lists
from posts.dictionary_csv import MOST_CHARACTERS, BadFile, decoded, expressions, many
from posts.services.dictionary import LONGEST_NAME, LONGEST_TEXT, LONGEST_WHY

CHECKS = {check.id: f"{check.id} {check.name}" for check in CATALOGUE if check.id in word_lists()}
WEIGHTS = (
    ("", "点検のとおり"),
    ("block", "止める（2人目の許可が要る）"),
    ("warn", "注意"),
    ("info", "参考"),
)
_MOST_BYTES = 4 * MOST_CHARACTERS


def _lines(label: str, hint: str, rows: int, **more: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, help_text=hint, widget=area, required=False, max_length=20_000, **more
    )


class SearchForm(forms.Form):
    q = forms.CharField(label="言葉", required=False, max_length=100)
    check = forms.ChoiceField(
        label="点検", required=False, choices=[("", "すべて"), *CHECKS.items()]
    )
    state = forms.ChoiceField(
        label="状態",
        required=False,
        choices=[("", "使用中"), ("own", "委員会が加えた・変えたもの"), ("retired", "使わない")],
    )


class WhyForm(forms.Form):
    """Retiring and restoring."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    why = forms.CharField(label="理由", max_length=LONGEST_WHY)


class EntryForm(forms.Form):
    """One entry, why it is changed, and a text to try it on."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, initial=0)
    check = forms.ChoiceField(label="点検", choices=list(CHECKS.items()))
    words = _lines("探す言葉", "1行に1つ（「、」で区切ってもかまいません）。", 4)
    instead = forms.CharField(
        label="言い換え",
        required=False,
        max_length=LONGEST_TEXT,
        help_text="例：認知症。「。」で終わる文にすると、そのまま助言として出ます。",
    )
    reason = forms.CharField(
        label="理由",
        max_length=LONGEST_TEXT,
        help_text="書いた人に見せる文です。{found} は、見つかった言葉に置き換わります。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    severity = forms.ChoiceField(
        label="重さ", required=False, choices=WEIGHTS, widget=forms.RadioSelect
    )
    exceptions = _lines(
        "数えない言い方",
        "この中に出てくるときは知らせません。例：最高血圧（「最高」を探すとき）",
        2,
    )
    mention_ok = forms.BooleanField(
        label="言葉そのものを説明する文（「〇〇」という言葉、など）では数えない", required=False
    )
    name = forms.CharField(
        label="名前",
        required=False,
        max_length=LONGEST_NAME,
        help_text="空欄なら、最初の言葉が名前になります。",
    )
    patterns = _lines("探す式", "正規表現（RE2）。1行に1つ。", 3)
    inside = _lines("数えない式", "この式の中に出てくるときは数えません。", 2)
    unless = _lines("同じ文にあれば数えない式", "", 2)
    only_with = _lines("同じ文にあるときだけ数える式", "", 2)
    why = forms.CharField(
        label="変更の理由",
        required=False,
        max_length=LONGEST_WHY,
        help_text="記録に残ります。試すだけなら要りません。",
    )
    sample = _lines("文で試す", "この文を、変更したあとの辞書で点検します。保存はしません。", 3)

    @property
    def plain(self) -> list[forms.BoundField]:
        return [
            field
            for field in self.visible_fields()
            if field.name not in {*EXPRESSIONS, "why", "sample"}
        ]

    @property
    def advanced(self) -> list[forms.BoundField]:
        return [self[name] for name in EXPRESSIONS]

    @property
    def opens_advanced(self) -> bool:
        return any(self[name].value() for name in EXPRESSIONS) and not self["words"].value()

    def now_seen(self, version: int) -> None:
        """Somebody else was first, and the page shows it: what was typed may be sent again."""
        self.data = {**dict(self.data.items()), "seen": str(version)}

    def entry(self) -> Entry:
        """What was typed, of a valid form."""
        typed = self.cleaned_data
        lists = {
            name: (many if name in {"words", "exceptions"} else expressions)(
                typed[name].replace("\r\n", "\n")
            )
            for name in LISTS
        }
        texts = {name: typed[name] for name in ("check", "name", "instead", "reason", "severity")}
        return Entry.from_json({**texts, **lists, "mention_ok": typed["mention_ok"]})

    @staticmethod
    def initial_of(entry: Entry, version: int) -> dict[str, Any]:
        fields = entry.to_json()
        return {**fields, **{n: "\n".join(fields[n]) for n in LISTS}, "seen": version}


class ImportForm(forms.Form):
    """A file, or the text of one that was sent before: nothing has to be chosen twice."""

    file = forms.FileField(label="CSVファイル", required=False)
    table = forms.CharField(
        label="取り込む内容",
        required=False,
        strip=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="ファイルを選ぶと、その中身がここに入ります。ここで直すこともできます。",
    )
    why = forms.CharField(
        label="変更の理由",
        required=False,
        max_length=LONGEST_WHY,
        help_text="確かめるだけなら要りません。",
    )

    def clean_file(self) -> str:
        """The text of the file, "" without one."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file is None:
            return ""
        if (file.size or 0) > _MOST_BYTES:
            raise forms.ValidationError("ファイルが大きすぎます（4MBまで）。")
        try:
            return decoded(file.read())
        except BadFile as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        text = cleaned.get("file") or (cleaned.get("table") or "").replace("\r\n", "\n")
        if not text.strip() and not self.errors:
            self.add_error("file", "CSVファイルを選んでください。")
        cleaned["table"] = text
        return cleaned

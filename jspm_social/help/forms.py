"""What people type into the help."""

from django import forms


class SearchForm(forms.Form):
    q = forms.CharField(
        label="ヘルプの中を探す",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class ContactsForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label="連絡先",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="だれに、どの順で、どうやって連絡するか。ログインできる委員全員に見えます。"
        "パスワードは書かないでください。",
    )

"""What one can search the audit trail by."""

from typing import Any, Final

from django import forms
from django.apps import apps
from django.contrib.auth import get_user_model

from jspm_social.audit.verbs import Verb

ANY: Final = ("", "すべて")
SYSTEM_ACTOR: Final = "system"
_NOT_OURS = ("django", "axes")


def verb_choices() -> list[tuple[str, Any]]:
    return [ANY, *Verb.choices]


def actor_choices() -> list[tuple[str, str]]:
    people = get_user_model()._default_manager.order_by("reading", "username")  # noqa: SLF001
    return [ANY, (SYSTEM_ACTOR, "システム"), *((str(person.pk), str(person)) for person in people)]


def target_choices() -> list[tuple[str, str]]:
    """Every kind of thing that the console's own parts store."""
    kinds = {
        model._meta.label_lower: str(model._meta.verbose_name)  # noqa: SLF001
        for model in apps.get_models()
        if not model.__module__.startswith(_NOT_OURS)
    }
    return [ANY, *sorted(kinds.items(), key=lambda kind: kind[1])]


class SearchForm(forms.Form):
    """All fields optional; bound to the address, so that a search can be kept as a link."""

    number = forms.IntegerField(
        label="記録の番号", required=False, min_value=1, max_value=2**63 - 1
    )
    verb = forms.ChoiceField(label="行為", required=False, choices=verb_choices)
    actor = forms.ChoiceField(label="行った人", required=False, choices=actor_choices)
    target_type = forms.ChoiceField(label="対象の種類", required=False, choices=target_choices)
    target_id = forms.CharField(label="対象の番号", required=False, max_length=64)
    clause = forms.CharField(label="条項", required=False, max_length=64)
    since = forms.DateField(
        label="この日から", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label="この日まで", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "終わりの日は、始まりの日以降にしてください。")
        return cleaned

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters in use, by name."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

"""The migrations say what the models say."""

from io import StringIO

from django.core.management import call_command


def test_no_model_has_changed_without_a_migration(db: None) -> None:
    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)
    assert out.getvalue() == "No changes detected\n"

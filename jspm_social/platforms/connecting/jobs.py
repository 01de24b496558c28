"""What the workers do about connecting."""

from . import attempts


def forget_ended() -> None:
    """Erase what was left of attempts that nobody finished, secrets included."""
    attempts.forget_ended()

"""What the commands about people ask for at the terminal."""

import getpass

from django.core.management.base import CommandError


def ask_password() -> str:
    """Read a password without showing it, or a pipe's first line.

    Raises:
        CommandError: nothing can be read.
    """
    try:
        return getpass.getpass()
    except EOFError as error:
        raise CommandError("パスワードを読み取れませんでした。") from error

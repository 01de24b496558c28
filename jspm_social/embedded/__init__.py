"""PostgreSQL and Redis of our own, for a machine that has nothing but Python.

Used while `DATABASE_URL` or `REDIS_URL` is unset. Importing this package, and asking it for
settings, starts nothing and imports no wheel: `manage.py`, `wsgi.py` and the tests' set-up call
`ensure_running()`. The data live in `var/` (or in the folder that `JSPM_VAR` names).
"""

from jspm_social.embedded.places import DATA, EmbeddedError, sockets
from jspm_social.embedded.postgres import PROVISION, database_settings, owner_settings
from jspm_social.embedded.redis import redis_url
from jspm_social.embedded.running import ensure_running, release

__all__ = [
    "DATA",
    "PROVISION",
    "EmbeddedError",
    "database_settings",
    "ensure_running",
    "owner_settings",
    "redis_url",
    "release",
    "sockets",
]

"""The web server's entry. Starts the embedded databases when no URL is given."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jspm_social.settings")

if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
    from jspm_social import embedded

    embedded.ensure_running(
        database=not os.environ.get("DATABASE_URL"), redis=not os.environ.get("REDIS_URL")
    )

application = get_wsgi_application()

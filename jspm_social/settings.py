"""The one settings file. What differs between machines is read from the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF

from jspm_social import env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where data lives. Without URLs the project runs its own PostgreSQL and Redis in var/.
DATABASE_URL = env.text("DATABASE_URL")
DATABASE_OWNER_URL = env.text("DATABASE_OWNER_URL")
REDIS_URL = env.text("REDIS_URL")
if not (DATABASE_URL and REDIS_URL):
    from jspm_social import embedded

    REDIS_URL = REDIS_URL or embedded.redis_url()
EMBEDDED = not DATABASE_URL
LOCAL_SECRETS = embedded.DATA if EMBEDDED else None

# The application's role owns no table (audit rows cannot be altered with it); `migrate` uses
# the owner, and only where it runs is the owner's address given. Both lead to the same database.
_ALWAYS: dict[str, Any] = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DATABASES: dict[str, dict[str, Any]] = {
    "default": (
        dict(dj_database_url.parse(DATABASE_URL)) if DATABASE_URL else embedded.database_settings()
    )
    | _ALWAYS,
}
if EMBEDDED or DATABASE_OWNER_URL:
    DATABASES["owner"] = (
        embedded.owner_settings() if EMBEDDED else dict(dj_database_url.parse(DATABASE_OWNER_URL))
    ) | (_ALWAYS | {"CONN_MAX_AGE": 0})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Queues (DESIGN: act before intake before bulk). Redis only wakes workers; see jobs.py.
_REDIS: dict[str, Any] = {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 300}
RQ_QUEUES = {"act": _REDIS, "intake": _REDIS, "bulk": _REDIS}
RQ_SHOW_ADMIN_LINK = False

# --- Secrets
SECRET_KEY = env.secret(
    "SECRET_KEY",
    local=LOCAL_SECRETS / "secret_key" if LOCAL_SECRETS else None,
    make=env.random_key,
)
# Fernet keys for platform credentials, newest first; older ones still decrypt (rotation).
CREDENTIAL_KEYS = [
    key.strip()
    for key in env.secret(
        "CREDENTIAL_KEYS",
        local=LOCAL_SECRETS / "credential_key" if LOCAL_SECRETS else None,
        make=lambda: Fernet.generate_key().decode(),
    ).split(",")
]

# --- The site
DEBUG = False
DEMO = env.flag("DEMO", default=False)
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000")
ALLOWED_HOSTS = list(env.words("ALLOWED_HOSTS", ("127.0.0.1", "localhost") if EMBEDDED else ()))
# Whether our own proxy stands in front: only then are its X-Forwarded headers believed.
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
CSRF_TRUSTED_ORIGINS = list(env.words("CSRF_TRUSTED_ORIGINS"))
# Channels may be pointed (base_url) at these loopback hosts, for a sandbox; nowhere else by http.
CHANNEL_LOOPBACK_HOSTS = env.words(
    "CHANNEL_LOOPBACK_HOSTS", ("127.0.0.1", "localhost") if EMBEDDED else ()
)

INSTALLED_APPS = [
    "jspm_social",
    "jspm_social.accounts",
    "jspm_social.committee",
    "jspm_social.audit",
    "jspm_social.approvals",
    "jspm_social.platforms",
    "policy",
    "moderation",
    "posts",
    "jspm_social.help",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_rq",
    "csp",
    "axes",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "jspm_social.committee.queries.per_request",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "jspm_social.urls"
WSGI_APPLICATION = "jspm_social.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jspm_social.context.navigation",
            ],
            "builtins": ["jspm_social.templatetags.ja"],
        },
    }
]
LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True

# Pictures and films of our own posts; platforms fetch them by signed addresses, never from here.
MEDIA_ROOT = Path(env.text("MEDIA_ROOT") or (embedded.DATA if EMBEDDED else BASE_DIR) / "media")

STATIC_URL = "static/"
# One machine needs no collectstatic; a real installation serves what collectstatic gathered.
STATIC_ROOT = None if EMBEDDED else BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "jspm_social" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = EMBEDDED

# --- Log-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}  # type: ignore[assignment]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "moderation:queue"
LOGOUT_REDIRECT_URL = "accounts:login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "jspm_social.accounts.views.session.locked_out"
AXES_CLIENT_IP_CALLABLE = "jspm_social.accounts.client.client_ip"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Where `train --with-decisions` keeps models made of the committee's own decisions, outside the
# project; while nothing is there, the model that the project carries judges.
MODEL_DIR = Path(env.text("MODEL_DIR")) if env.text("MODEL_DIR") else None

# An optional judge outside the house (any OpenAI-compatible /chat/completions). Off without an
# address, and off for every criterion until an admin switches it on. Prices are for a million
# tokens, in and out, in the unit of the daily ceiling.
JUDGE_URL = env.text("JUDGE_URL")
JUDGE_MODEL = env.text("JUDGE_MODEL")
JUDGE_KEY = env.text("JUDGE_KEY")
JUDGE_SECONDS = float(env.text("JUDGE_SECONDS", "20"))
JUDGE_CALLS_A_DAY = int(env.text("JUDGE_CALLS_A_DAY", "500"))
JUDGE_COST_A_DAY = float(env.text("JUDGE_COST_A_DAY", "0"))  # 0: no ceiling but that of calls
_price_in, _price_out = env.words("JUDGE_PRICES", ("0", "0"))
JUDGE_PRICES = (float(_price_in), float(_price_out))

# How many days the text of a LINE chat is kept. Chats are nobody's publication. This and the next
# are what counts until the committee sets something else in the browser (committee.catalogue).
LINE_CHAT_DAYS = int(env.text("LINE_CHAT_DAYS", "30"))

# Effects that cannot be taken back need two people; a committee of one may turn this off.
SECOND_MODERATOR = env.flag("SECOND_MODERATOR", default=True)

# --- Browser security. No inline script or style anywhere, so the policy can be strict.
HTTPS = env.flag("HTTPS", default=not EMBEDDED)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Only for this very host: the society's other sites decide for themselves (subdomains, preload).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Mail: only notices with a link leave the house, never a comment's text.
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = int(env.text("EMAIL_PORT", "25"))
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = str(embedded.DATA / "mail") if EMBEDDED else env.text("EMAIL_FILE_PATH")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "console@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    "filters": {"discreet": {"()": "jspm_social.logs.Discreet"}},
    "loggers": {
        # They tell of every job, every log-in and every address (an upload's may hold a secret);
        # what matters stands in the database.
        **{name: {"level": "WARNING"} for name in ("rq.worker", "rq.cron", "axes", "urllib3")},
        "django.request": {"filters": ["discreet"]},
    },
}

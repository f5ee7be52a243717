"""Every setting, read from the environment; `.env.example` explains each variable.

With an empty environment this is the demo: it answers on this machine only, Meta is played by
the simulator, and secrets are drawn once into DATA_DIR. As soon as a host name or
WHATSAPP_API_URL points beyond this machine it is production, and then nothing is drawn:
a missing secret stops the start with a sentence that names it.
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from swe_broadcast import credentials, engines, local
from swe_broadcast.logging import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK = {"localhost", "127.0.0.1", "::1", "[::1]"}

env = environ.Env()
environ.Env.read_env(BASE_DIR / env.str("ENV_FILE", ".env"))

DATA_DIR = (BASE_DIR / env.str("DATA_DIR", "var/demo")).resolve()
environ.Env.read_env(DATA_DIR / "running.env")  # written by `manage.py up`, see local.py

# -- This installation ---------------------------------------------------------------------

PORT = env.int("PORT", 8000)
SIMULATOR_PORT = env.int("SIMULATOR_PORT", PORT + 1)
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=sorted(LOOPBACK))
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_URL = env.str("PUBLIC_URL", f"http://localhost:{PORT}")

WHATSAPP_API_URL = env.str("WHATSAPP_API_URL", f"http://127.0.0.1:{SIMULATOR_PORT}")

PRODUCTION = not (
    LOOPBACK.issuperset(ALLOWED_HOSTS) and urlsplit(WHATSAPP_API_URL).hostname in LOOPBACK
)
if not PRODUCTION:
    environ.Env.read_env(local.ensure_secrets(DATA_DIR))
    environ.Env.read_env(DATA_DIR / local.DEMO_SETTINGS)


SECRETS = credentials.Credentials(os.environ)


def secret(name: str) -> str:
    """Return a secret from a credential, a file or the environment, or refuse to start."""
    value = SECRETS.get(name)
    if not value:
        raise ImproperlyConfigured(
            f"Set the environment variable {name} (see .env.example). "
            "Outside the demo no secret is made up."
        )
    return value


SECRET_KEY = secret("SECRET_KEY")

ORGANISATION = {  # the words that the notice shows; a change needs a new version of the notice
    "name": env.str("ORGANISATION_NAME", "Stadtwerke Erfurt"),
    "address": env.str("ORGANISATION_ADDRESS", ""),  # street and town, on one line
    "dpo": env.str("DPO_CONTACT", "datenschutz@stadtwerke.example"),
    "authority": env.str("SUPERVISORY_AUTHORITY", "TLfDI Thüringen"),
    "url": f"{PUBLIC_URL}/datenschutz/",
}

# Where a test lets this process die, stumble or freeze (campaigns/failpoints.py).
FAILPOINT = env.str("FAILPOINT", "")

# -- WhatsApp ------------------------------------------------------------------------------

WHATSAPP_API_VERSION = env.str("WHATSAPP_API_VERSION", "v25.0")
WHATSAPP_PHONE_NUMBER_ID = env.str("WHATSAPP_PHONE_NUMBER_ID", "106600000000001")
WHATSAPP_BUSINESS_ACCOUNT_ID = env.str("WHATSAPP_BUSINESS_ACCOUNT_ID", "102200000000001")
WHATSAPP_ACCESS_TOKEN = secret("WHATSAPP_ACCESS_TOKEN")
WHATSAPP_APP_ID = env.str("WHATSAPP_APP_ID", "app")  # for the samples of templates with media
WHATSAPP_APP_SECRETS = [  # several while rotating; the webhook accepts each
    part.strip() for part in secret("WHATSAPP_APP_SECRET").split(",") if part.strip()
]
WHATSAPP_VERIFY_TOKEN = secret("WHATSAPP_VERIFY_TOKEN")
WHATSAPP_NUMBER = env.str("WHATSAPP_NUMBER", "" if PRODUCTION else "+493023125042")  # on the poster
WHATSAPP_RATE = env.int("WHATSAPP_RATE", 20)  # messages per second, all workers together
# Nobody is written to before the papers are confirmed, and never a handful of people; where a
# simulator answers for Meta nobody needs either.
IS_REAL_NUMBER = PRODUCTION and urlsplit(WHATSAPP_API_URL).scheme == "https"
SMALLEST_AUDIENCE = env.int("SMALLEST_AUDIENCE", 100 if IS_REAL_NUMBER else 1)  # people
QUIET_HOURS = env.str("QUIET_HOURS", "mon-fri 07:00-18:00")  # when news may leave; "off": always
HOLD_SECONDS = env.int("HOLD_SECONDS", 300 if PRODUCTION else 0)  # in which "send" can be undone
CONFIRM_ABOVE = env.int("CONFIRM_ABOVE", 1000)  # people; an approval for more is ticked as well
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024  # bytes; Meta posts webhooks of up to 3 MB
SPOOL_DIR = Path(env.str("SPOOL_DIR", "") or DATA_DIR / "spool")  # while the database is away
FILE_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024  # bytes; header media stay in memory

# -- Vault (subscribers/vault.py) ----------------------------------------------------------

VAULT_KEYS = secret("VAULT_KEYS")
INDEX_KEY = secret("INDEX_KEY")
MESSAGE_ID_KEY = secret("MESSAGE_ID_KEY")
PROOF_MODE = env.str("PROOF_MODE", "sealed")  # or "none": nothing stays of who has left
PROOF_PUBLIC_KEY = env.str("PROOF_PUBLIC_KEY", "")
# What must outlive a restore of the databases: who has been erased (subscribers/forgotten.py), who
# was sent something, and who agreed or left (subscribers/journal.py).
JOURNAL_DIR = Path(env.str("JOURNAL_DIR", "") or DATA_DIR / "journal")

# -- Ledger (subscribers/checkpoints.py) ---------------------------------------------------

LEDGER_ORIGIN = env.str("LEDGER_ORIGIN", "") or f"{urlsplit(PUBLIC_URL).hostname}/ledger"
# Read when something is to be signed, so that only the worker needs to be able to read it.
LEDGER_SIGNING_KEY_FILE = env.str("LEDGER_SIGNING_KEY_FILE", "")
LEDGER_SIGNING_KEY = "" if LEDGER_SIGNING_KEY_FILE else secret("LEDGER_SIGNING_KEY")
LEDGER_PUBLIC_KEYS = env.list("LEDGER_PUBLIC_KEYS", default=[])
LEDGER_ANCHOR_EMAILS = env.list("LEDGER_ANCHOR_EMAILS", default=[])
LEDGER_ANCHOR_DIR = env.str("LEDGER_ANCHOR_DIR", "")

# -- Mail ----------------------------------------------------------------------------------

# Four slashes before the folder: what follows the third is the path, without its own.
vars().update(  # EMAIL_HOST and so on
    env.email_url(
        "EMAIL_URL", "smtp://localhost:25" if PRODUCTION else f"filemail:///{DATA_DIR}/mail"
    )
)
EMAIL_TIMEOUT = 10  # seconds; whoever tells must not hang
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str(
    "MAIL_FROM", f"swe-broadcast@{urlsplit(PUBLIC_URL).hostname}"
)

# -- Databases and broker ------------------------------------------------------------------

EMBEDDED = engines.locations(DATA_DIR)
DATABASE_URL = env.str("DATABASE_URL", "") or EMBEDDED.database_url("swe_broadcast")
KEYS_DATABASE_URL = env.str("KEYS_DATABASE_URL", "") or engines.sibling(DATABASE_URL, "_keys")
REDIS_URL = env.str("REDIS_URL", "") or EMBEDDED.redis_url

DATABASES = {
    "default": env.db_url_config(DATABASE_URL),
    "keys": env.db_url_config(KEYS_DATABASE_URL),
}
for _database in DATABASES.values():
    _database["CONN_MAX_AGE"] = 600  # seconds; opening one costs PostgreSQL about 10 ms
    _database["CONN_HEALTH_CHECKS"] = True
    # Seconds. Meta waits for our answer while we wait for a server that is gone.
    _database.setdefault("OPTIONS", {}).setdefault("connect_timeout", 2)
DATABASE_ROUTERS = ["swe_broadcast.routers.KeysRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Celery: the rows are the work, a message only rings a bell (campaigns/tasks.py) -------

TICK_SECONDS = env.int("TICK_SECONDS", 15)

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,  # seconds; never reached: acknowledged early, no eta
    "socket_keepalive": True,
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
    "health_check_interval": 25,
    "retry_on_timeout": True,
    # Whoever rings a bell does not wait for a broker that is gone: the tick rings again.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: a worker that gives up sends nothing
CELERY_DB_REUSE_MAX = 1000  # tasks for which a worker keeps its database connection
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = False  # the tick makes lost work again; late ack would only double it
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_DEFAULT_QUEUE = "ops"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 25  # seconds to finish what was begun
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "campaigns.tasks.tick", "schedule": timedelta(seconds=TICK_SECONDS)},
}

# -- Django --------------------------------------------------------------------------------

INSTALLED_APPS = [
    "swe_broadcast",
    "campaigns.apps.DeskConfig",  # the Django admin, with our site class
    "subscribers",
    "campaigns",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "import_export",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "swe_broadcast.urls"
WSGI_APPLICATION = "swe_broadcast.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    }
]

LANGUAGE_CODE = env.str("LANGUAGE_CODE", "de")
LANGUAGES = [("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", "Europe/Berlin")
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None  # filled by collectstatic
WHITENOISE_USE_FINDERS = not PRODUCTION  # the demo needs no collectstatic
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nothing is kept there
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Django's admin draws some icons as data: addresses
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds; one working day
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
if PRODUCTION:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz/", r"^webhooks/"]  # asked from inside, or signed

# -- Telling the person on duty, by another way than WhatsApp (campaigns/telling.py) --------

ALERT_EMAILS = env.list("ALERT_EMAILS", default=[] if PRODUCTION else ["bereitschaft@localhost"])
ALERT_WEBHOOK = env.str("ALERT_WEBHOOK", "")
ALERT_WEBHOOK_SECRET = env.str("ALERT_WEBHOOK_SECRET", "")

METRICS_TOKEN = env.str("METRICS_TOKEN", "")  # empty: /metrics answers this machine only

IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

LOGGING = logging_config(level=env.str("LOG_LEVEL", "INFO"))
LOGGING_CONFIG = "logging.config.dictConfig"

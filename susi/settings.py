"""Settings, read from the environment or from the file `.env` that `make setup` writes for development.

Without either this is production, and it refuses to start until it has been told what production needs.
"""

import warnings
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.contrib.messages import constants as messages
from django.core.exceptions import ImproperlyConfigured

from susi import installation
from susi.roles import Role

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")


def required(name: str) -> str:
    """Return the environment variable `name`. Raises `ImproperlyConfigured` in a plain sentence where it is missing."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(
            f"{name} mangler. Sæt den i miljøet, når systemet er i drift, eller kør `make setup` for at udvikle."
        )
    return value


# Which kind of installation this is
ENVIRONMENT = env.str("SUSI_ENVIRONMENT", default="production")
if ENVIRONMENT not in ("production", "development", "test"):
    raise ImproperlyConfigured("SUSI_ENVIRONMENT skal være production, development eller test.")
PRODUCTION = ENVIRONMENT == "production"
ENVIRONMENT_LABEL = env.str("SUSI_ENVIRONMENT_LABEL", default="" if PRODUCTION else "Udviklingsmiljø")
# Off in development too, so that errors look as users see them; `DEBUG=1 make run` shows Django's own error pages.
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = required("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # former keys, while people are logged in by them
ALLOWED_HOSTS = (
    [host.strip() for host in required("ALLOWED_HOSTS").split(",")]
    if PRODUCTION
    else env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

PRODUCT_NAME = "SUSI-porteføljen"
# Printed on every SUSI-vurdering. The lines of the address are separated by |.
LETTERHEAD = {
    "name": env.str("AGENCY_NAME", default="Socialstyrelsen"),
    "address": [line.strip() for line in env.str("AGENCY_ADDRESS", default="").split("|") if line.strip()],
}
# Where the agency's accessibility statement stands; every page then links to it, and /was leads to it.
ACCESSIBILITY_STATEMENT_URL = env.str("ACCESSIBILITY_STATEMENT_URL", default="")

INSTALLED_APPS = [
    "susi.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_fsm",
    "simple_history",
    "django_htmx",
    "template_partials",
    "django_filters",
    "axes",
    "csp",
    "susi",
    "phases",
    "portfolio",
    "participants",
    "work",
    "assessments",
    "desk",
]

MIDDLEWARE = [
    "susi.middleware.logged",
    "django.middleware.security.SecurityMiddleware",
    "susi.headers.told_to_the_browser",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "susi.middleware.not_kept",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "susi.access_log.noted",
    "susi.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "susi.middleware.methods",
    "susi.limits.LimitMiddleware",
    "susi.middleware.failures",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "susi.urls"
WSGI_APPLICATION = "susi.wsgi.application"
FORM_RENDERER = "susi.forms.SusiFormRenderer"
MESSAGE_TAGS = {messages.DEBUG: "info"}  # the design system's alerts are info, success, warning and error
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["susi.templatetags.addresses"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "susi.context.site",
            ],
        },
    },
]

# Data
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'susi.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers queue from the start of their transaction instead of failing in the middle of it; readers never wait.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 3600)  # seconds; with it go the plans it has kept
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        # Compiling a query to machine code, or beginning processes to share it, takes PostgreSQL longer than any
        # of ours takes to run. Planning one took five to ten times as long as running it: it is done well, and once.
        "options": "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1"
        " -c join_collapse_limit=11 -c from_collapse_limit=11 -c plan_cache_mode=force_generic_plan",
        "connect_timeout": 5,
        "server_side_binding": True,
        "prepare_threshold": 2,
        **DATABASES["default"].get("OPTIONS", {}),
    }
SIMPLE_HISTORY_DATE_INDEX = "composite"  # the past is asked for by day and object (`susi.past`)
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True  # what people give as their reason is kept whole
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Outside what a web server shows: documents and uploads are handed out by pages that ask for the right to read them.
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(VAR_DIR / "media"))()
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=25 * 1024 * 1024)
FILE_UPLOAD_HANDLERS = [
    "susi.uploads.UpToTheLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "susi.uploads.OnDisk",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # of everything in a form but its files
DATA_UPLOAD_MAX_NUMBER_FILES = 10

# Jobs. Without a broker the PDF is made when it is first opened.
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "Europe/Copenhagen"
# A job is done with when it has been done, so that one whose worker dies is taken up by another. Every job may be done
# twice: the second time finds it done.
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 2}
# Nobody waits for a broker that is gone: what was not asked for is caught up with (`assessments.tasks`).
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
CATCH_UP_SECONDS = env.int("SUSI_CATCH_UP_SECONDS", default=300)
CELERY_BEAT_SCHEDULE = {
    "missing-pdfs": {"task": "assessments.tasks.make_missing_pdfs", "schedule": CATCH_UP_SECONDS},
}
CELERY_BEAT_SCHEDULE_FILENAME = env.str("SUSI_BEAT_STATE", default=str(VAR_DIR / "beat"))  # when each was last asked
PDF_IN_BACKGROUND = bool(CELERY_BROKER_URL)

# Mail. Development prints it to the console; in production none is sent before EMAIL_URL says where.
EMAIL_URL = env.str("EMAIL_URL", default="")
vars().update(env.email_url_config(EMAIL_URL or "consolemail://"))
EMAIL_TIMEOUT = 30
SENDS_MAIL = bool(EMAIL_URL) or not PRODUCTION
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="susi@localhost")
# What the links of a mail begin with
SITE_URL = env.str("SITE_URL", default=f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://127.0.0.1:8000")
CASE_FILE_DAYS = env.int("CASE_FILE_DAYS", default=7)  # how long a made case file can be fetched

# Language and time
LANGUAGE_CODE = "da"
LANGUAGES = [("da", "Dansk")]
FORMAT_MODULE_PATH = ["susi.formats"]
TIME_ZONE = "Europe/Copenhagen"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

# Whose first record is the first day a page can be shown as of
PAST_BEGINS_WITH = "portfolio.Initiative"

# People
AUTH_USER_MODEL = "susi.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "susi.backends.PersonBackend",
]
# The agency's own accounts (`susi.oidc`): on where the issuer is set; local log-in can then be switched off.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_ENABLED = bool(OIDC_ISSUER)
LOCAL_LOG_IN = env.bool("LOCAL_LOG_IN", default=True)
if not (LOCAL_LOG_IN or OIDC_ENABLED):
    raise ImproperlyConfigured("LOCAL_LOG_IN=false kræver OIDC_ISSUER. Ellers kan ingen logge ind.")
OIDC_USERNAME_CLAIM = env.str("OIDC_USERNAME_CLAIM", default="preferred_username")
OIDC_ROLE_CLAIM = env.str("OIDC_ROLE_CLAIM", default="roles")
OIDC_ROLES = env.dict("OIDC_ROLES", default={role: role for role in map(str, Role)})
if _unknown := set(OIDC_ROLES.values()) - set(map(str, Role)):
    raise ImproperlyConfigured(f"OIDC_ROLES nævner roller, der ikke findes: {', '.join(sorted(_unknown))}.")
OIDC_RP_SCOPES = env.str("OIDC_SCOPES", default="openid profile email")
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_USE_NONCE = OIDC_USE_PKCE = True
OIDC_TIMEOUT = 10
OIDC_RENEW_ID_TOKEN_EXPIRY_SECONDS = env.int("OIDC_RENEW_SECONDS", default=3600)
LOGIN_REDIRECT_URL_FAILURE = "/log-ind/"
if OIDC_ENABLED:
    OIDC_RP_CLIENT_ID, OIDC_RP_CLIENT_SECRET = required("OIDC_CLIENT_ID"), required("OIDC_CLIENT_SECRET")
    OIDC_OP_AUTHORIZATION_ENDPOINT = required("OIDC_AUTHORIZATION_ENDPOINT")
    OIDC_OP_TOKEN_ENDPOINT = required("OIDC_TOKEN_ENDPOINT")
    OIDC_OP_USER_ENDPOINT = required("OIDC_USER_ENDPOINT")
    OIDC_OP_JWKS_ENDPOINT = required("OIDC_JWKS_ENDPOINT")
    AUTHENTICATION_BACKENDS.append("susi.oidc.AgencyBackend")
    MIDDLEWARE.append("susi.oidc.Renewal")
if not LOCAL_LOG_IN:
    AUTHENTICATION_BACKENDS.remove("susi.backends.PersonBackend")
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
PASSWORD_LENGTH = 12  # the fewest characters
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60  # the link of the mail, in seconds
# A log-in ends when the browser is closed, and after a working day at the latest. A page that is open then keeps what
# is written on it, and it is offered again after the next log-in.
SESSION_ENGINE = "susi.sessions"
SESSION_HOURS = env.int("SESSION_HOURS", default=9)
if not 1 <= SESSION_HOURS <= 24:
    raise ImproperlyConfigured("SESSION_HOURS skal være mellem 1 og 24.")
SESSION_COOKIE_AGE = SESSION_HOURS * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # who logged in is noted by `susi.access_log`, without machine and browser
AXES_LOCKOUT_CALLABLE = "susi.views.locked_out"
# How long it is kept who opened and fetched what (`susi.access_log`)
ACCESS_LOG_DAYS = env.int("ACCESS_LOG_DAYS", default=400)
if ACCESS_LOG_DAYS < 30:
    raise ImproperlyConfigured("ACCESS_LOG_DAYS skal være mindst 30.")

# How often one may ask (`susi.limits`). 0 is no limit; development has none for what a person asks for.
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}
RATE_LIMITS = {
    "searches": env.int("SEARCHES_PER_MINUTE", default=120 if PRODUCTION else 0),
    "exports": env.int("EXPORTS_PER_MINUTE", default=30 if PRODUCTION else 0),
    "resets": 10,  # mails asked for by one machine in an hour
    "mails": 3,  # to one address in an hour
}

# Static files
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
S3_BUCKET = env.str("SUSI_S3_BUCKET", default="")  # without one the documents lie in MEDIA_ROOT
S3_OPTIONS = {
    "bucket_name": S3_BUCKET,
    "endpoint_url": env.str("SUSI_S3_ENDPOINT", default="") or None,
    "region_name": env.str("SUSI_S3_REGION", default="") or None,
    "access_key": env.str("SUSI_S3_ACCESS_KEY", default="") or None,
    "secret_key": env.str("SUSI_S3_SECRET_KEY", default="") or None,
}
STORAGES = {
    "default": (
        {"BACKEND": "susi.bucket.Bucket", "OPTIONS": S3_OPTIONS} if S3_BUCKET else {"BACKEND": "susi.storage.Folder"}
    ),
    "staticfiles": {
        "BACKEND": "susi.storage.StaticFiles" if PRODUCTION else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = not PRODUCTION

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "susi.views.csrf_failure"
HTTPS = env.bool("SUSI_HTTPS", default=PRODUCTION)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]  # asked from within, past the proxy
if env.bool("SUSI_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# W021: whether the host enters the browsers' preload list is for the owner of the domain to decide.
# W040: SQLite leaves out what an index carries along (`initiative_counted`); it is there for PostgreSQL.
SILENCED_SYSTEM_CHECKS = ["security.W021", "models.W040"]

# Logs. In production a line is a JSON object with the ids of request and user and no personal text (`susi.logs`).
LOG_FORMAT = env.str("LOG_FORMAT", default="json" if PRODUCTION else "plain")
if LOG_FORMAT not in ("json", "plain"):
    raise ImproperlyConfigured("LOG_FORMAT skal være json eller plain.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "susi.logs.JsonLines"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # every step of every document
        **{name: {"level": "WARNING"} for name in ("fontTools", "weasyprint", "botocore", "boto3", "s3transfer")},
        # names whoever tried to log in, as typed; the line of the request says that it was refused
        "axes": {"level": "ERROR"},
        **({} if PRODUCTION else {"susi.requests": {"level": "WARNING"}}),  # `runserver` tells of them itself
    },
}

if PRODUCTION:
    _wrong = list(
        installation.shortcomings(
            secret_key=SECRET_KEY,
            debug=DEBUG,
            hosts=ALLOWED_HOSTS,
            is_sqlite=DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3",
            sqlite_allowed=env.bool("SUSI_ALLOW_SQLITE", default=False),
            accessibility_statement=ACCESSIBILITY_STATEMENT_URL,
        )
    )
    if _wrong:
        raise ImproperlyConfigured(" ".join(_wrong))
    for _remark in installation.remarks(broker=CELERY_BROKER_URL):
        warnings.warn(_remark, stacklevel=1)

"""Settings of the tests: the product's own, with a database and files that vanish when the process ends."""

import os
import tempfile
from pathlib import Path

_directory = tempfile.TemporaryDirectory(prefix="susi-tests-")
_postgres = os.environ.get("TEST_DATABASE_URL", "")

os.environ["SUSI_ENVIRONMENT"] = "test"
os.environ["SECRET_KEY"] = "only-for-tests"
os.environ["DATABASE_URL"] = _postgres or f"sqlite:///{_directory.name}/susi.sqlite3"
for name in (
    *("ALLOWED_HOSTS", "AGENCY_NAME", "AGENCY_ADDRESS", "CELERY_BROKER_URL", "DEBUG", "LOG_FORMAT", "SUSI_HTTPS"),
    *("SUSI_S3_BUCKET", "EMAIL_URL", "SITE_URL", "DEFAULT_FROM_EMAIL", "CASE_FILE_DAYS"),
    *("OIDC_ISSUER", "LOCAL_LOG_IN", "OIDC_ROLES", "OIDC_ROLE_CLAIM", "OIDC_USERNAME_CLAIM", "OIDC_SCOPES"),
    *("SESSION_HOURS", "ACCESS_LOG_DAYS", "CACHE_URL", "SEARCHES_PER_MINUTE", "EXPORTS_PER_MINUTE"),
    "ACCESSIBILITY_STATEMENT_URL",
):
    os.environ.pop(name, None)

from susi.settings import *  # noqa: E402, F403
from susi.settings import DATABASES  # noqa: E402

# A file also for SQLite: threads do not share an in-memory database. The process id keeps simultaneous runs apart.
DATABASES["default"]["TEST"] = {"NAME": f"test_susi_{os.getpid()}" if _postgres else f"{_directory.name}/test.sqlite3"}
MEDIA_ROOT = Path(_directory.name) / "media"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False  # tests of the lock-out switch it on
ENVIRONMENT_LABEL = ""

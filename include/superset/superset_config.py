"""Superset's settings: Chinese, no host but its own, one process and files for a cache.

The environment says what differs between installations: SUPERSET_SECRET_KEY (must be set), SUPERSET_DATABASE_URI (what
Superset remembers; default SQLite in SUPERSET_HOME), and for the warehouse libpq's own PGHOST, PGPORT, PGDATABASE and
PGPASSFILE, a line a login.
"""

import json
import os
import sys
from pathlib import Path

from flask import Flask, Response, request

_HOME = Path(
    os.environ.get("SUPERSET_HOME", Path.home() / ".superset")
).absolute()
_HOUR = 3600

SECRET_KEY = os.environ.get("SUPERSET_SECRET_KEY") or sys.exit(
    "SUPERSET_SECRET_KEY 没有设置。"
)
# Compose hands an empty variable on where none is set.
SQLALCHEMY_DATABASE_URI = (
    os.environ.get("SUPERSET_DATABASE_URI")
    or f"sqlite:///{_HOME / 'superset.db'}"
)

APP_NAME = "一库"
BABEL_DEFAULT_LOCALE = "zh"
LANGUAGES = {"zh": {"flag": "cn", "name": "中文"}}
D3_FORMAT = {
    "decimal": ".",
    "thousands": ",",
    "grouping": [3],
    "currency": ["￥", ""],
}

# Kept in files, so that all processes of one machine share it without a server. Whose it is decides the database's
# per_user_caching: without it one county would be shown another's figures.
_KEPT = {
    "CACHE_TYPE": "FileSystemCache",
    "CACHE_DIR": str(_HOME / "cache"),
    "CACHE_THRESHOLD": 20000,
    "CACHE_DEFAULT_TIMEOUT": _HOUR,
}
CACHE_CONFIG = {**_KEPT, "CACHE_KEY_PREFIX": "meta_"}
DATA_CACHE_CONFIG = {**_KEPT, "CACHE_KEY_PREFIX": "data_"}
FILTER_STATE_CACHE_CONFIG = {**_KEPT, "CACHE_KEY_PREFIX": "filter_"}
EXPLORE_FORM_DATA_CACHE_CONFIG = {**_KEPT, "CACHE_KEY_PREFIX": "explore_"}

FEATURE_FLAGS = {
    "DRILL_BY": True,
    "DRILL_TO_DETAIL": True,
    "DASHBOARD_NATIVE_FILTERS": True,
    "TAGGING_SYSTEM": False,
    "ALERT_REPORTS": False,  # needs Celery and Redis; bulletins and digests go out from the nights
    "ENABLE_TEMPLATE_PROCESSING": False,
    "THUMBNAILS": False,  # would be one picture for all counties
}

# Superset's page would tell an outside host that it was opened, and ask others for tiles and fonts.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": os.environ.get("SUPERSET_HTTPS") == "1",
}
SESSION_COOKIE_SECURE = os.environ.get("SUPERSET_HTTPS") == "1"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
ENABLE_PROXY_FIX = os.environ.get("SUPERSET_HTTPS") == "1"

# Who has no login sees nothing, and nobody makes one for himself.
PUBLIC_ROLE_LIKE = None
AUTH_USER_REGISTRATION = False
FAB_API_SWAGGER_UI = False

SQLLAB_TIMEOUT = 120
SUPERSET_WEBSERVER_TIMEOUT = 120
ROW_LIMIT = 10000
SQL_MAX_ROW = 100000

# What Superset's Chinese says wrongly ("18 异常" for 18 rows) or in a translator's words.
_WORDS = {
    "%s record": ["%s 行"],
    "Search %s records": ["在 %s 行中查找"],
    "Search": ["查找"],
    "entries": ["行"],
    "Filters and controls": ["筛选"],
    "This query returned no data": ["没有数据"],
    "No data after filtering or data is NULL for the latest time record": [
        "筛选后没有数据"
    ],
}


def _say_it_better(answer: Response) -> Response:
    if request.path == "/superset/language_pack/zh/" and answer.is_json:
        answer.direct_passthrough = False
        pack = json.loads(answer.get_data())
        pack["locale_data"]["superset"].update(_WORDS)
        answer.set_data(json.dumps(pack, ensure_ascii=False))
        # The file's own mark would let a browser keep the words of before.
        answer.headers.pop("ETag", None)
    return answer


def FLASK_APP_MUTATOR(app: Flask) -> None:  # noqa: N802
    """Put our words into the application; Superset calls this by its name."""
    app.after_request(_say_it_better)

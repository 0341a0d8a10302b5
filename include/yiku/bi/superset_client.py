"""Bring the bundle into a running Superset, over its own interface, and take out of it what the bundle has no more."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests

from yiku.bi.fixed_uuids import is_of_names

# An import of a hundred files takes seconds; a server that answers nothing for so long is not there.
TIMEOUT = 180
_PAGE = 100
# In the order in which they may go: each stands on the next.
KINDS = ("dashboard", "chart", "dataset")


class SupersetError(Exception):
    """A Superset that cannot be reached, refuses the login, or does not take the bundle. Chinese, without a secret."""


class Superset:
    """A Superset to which somebody is logged in who may import."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """Log in; SupersetError when the address, the login or the password is not right."""
        if urlsplit(url).scheme not in ("http", "https"):
            raise SupersetError(
                "Superset 的地址应以 http:// 或 https:// 开头。"
            )
        self._url = url.rstrip("/")
        self._session = requests.Session()
        # The machine's proxy is for other hosts: a Superset stands in the office's own network.
        self._session.trust_env = False
        login = {
            "username": user,
            "password": password,
            "provider": "db",
            "refresh": False,
        }
        answer = self._ask("POST", "security/login", json=login)
        token = answer.get("access_token")
        if not token:
            raise SupersetError("Superset 拒绝登录：请核对用户名和密码。")
        self._session.headers["Authorization"] = f"Bearer {token}"
        secret = self._ask("GET", "security/csrf_token/")["result"]
        self._session.headers["X-CSRFToken"] = secret
        self._session.headers["Referer"] = self._url

    def bring_in(self, bundle: bytes) -> None:
        """Import a bundle, over what is there of the same identity."""
        self._ask(
            "POST",
            "assets/import/",
            files={"bundle": ("yiku.zip", bundle, "application/zip")},
            data={"passwords": "{}"},
        )

    def take_out(self, kept: Collection[str]) -> list[str]:
        """Delete what an earlier bundle brought and this one has not; return the names.

        Only what was made of names, as ours is, goes: what people made in Superset stays.
        """
        gone = []
        for kind in KINDS:
            for thing in self._all(kind):
                uuid = thing["uuid"]
                if uuid in kept or not is_of_names(uuid):
                    continue
                self._ask("DELETE", f"{kind}/{thing['id']}")
                gone.append(thing[_NAMES[kind]])
        return gone

    def _all(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield every dashboard, chart or dataset, all found before the first: they are deleted meanwhile."""
        found: list[dict[str, Any]] = []
        page = 0
        while True:
            query = json.dumps(
                {
                    "page": page,
                    "page_size": _PAGE,
                    "order_column": "changed_on_delta_humanized",
                }
            )
            answer = self._ask("GET", f"{kind}/", params={"q": query})
            found += answer["result"]
            page += 1
            if page * _PAGE >= answer["count"]:
                break
        yield from found

    def _ask(self, verb: str, path: str, **words: Any) -> dict[str, Any]:
        address = f"{self._url}/api/v1/{path}"
        try:
            answer = self._session.request(
                verb, address, timeout=TIMEOUT, **words
            )
        except requests.RequestException:
            raise SupersetError(
                f"连不上 Superset（{_place(self._url)}）：请核对地址，以及它是否在运行。"
            ) from None
        if answer.status_code == requests.codes.unauthorized:
            raise SupersetError("Superset 拒绝登录：请核对用户名和密码。")
        if answer.status_code == requests.codes.forbidden:
            raise SupersetError(
                "这个 Superset 用户没有导入的权限，需要 Admin 角色。"
            )
        if not answer.ok:
            raise SupersetError(
                f"Superset 没有接受（{verb} {path}，{answer.status_code}）：{_reason(answer)}"
            )
        return _as_object(answer)


_NAMES = {
    "dashboard": "dashboard_title",
    "chart": "slice_name",
    "dataset": "table_name",
}


def _place(url: str) -> str:
    """Return a Superset's address without a login that somebody wrote into it."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _reason(answer: requests.Response) -> str:
    """Return what a Superset says of a request that it did not take, cut: it may be a whole page."""
    return answer.text.replace("\n", " ")[:500]


def _as_object(answer: requests.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        raise SupersetError(
            "这个地址回答的不是 Superset 的接口：请核对地址。"
        ) from None
    return told if isinstance(told, dict) else {}

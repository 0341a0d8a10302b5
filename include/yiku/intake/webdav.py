"""WebDAV whose files may be called as clerks call them: with # and ? and % in the name."""

from __future__ import annotations

import errno
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from httpx import URL
from webdav4.client import Client, HTTPError
from webdav4.fsspec import (
    WebdavFileSystem,
    translate_exceptions,
    translate_info,
)
from webdav4.urls import join_url_path


class AnyNamesWebDAVFileSystem(WebdavFileSystem):  # type: ignore[misc]
    """Files over WebDAV below ``base_url``.

    ``auth`` is a pair of user and password, ``timeout`` seconds.
    """

    def __init__(
        self,
        base_url: str,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
    ) -> None:
        client = _AnyNamesClient(base_url, auth=auth, timeout=timeout)
        super().__init__(base_url, client=client)

    @translate_exceptions()  # type: ignore[untyped-decorator]
    def ls(self, path: str, detail: bool = True, **more: Any) -> list[Any]:
        """List a folder, also one whose name ends in a blank.

        The library's own cuts the blank off, and finds no such folder.
        PermissionError for a folder that lets us not in: one of a tree.
        """
        folder = self._strip_protocol(path)
        try:
            found: list[Any] = self.client.ls(
                folder, detail=detail, allow_listing_resource=False
            )
        except HTTPError as refused:
            if refused.status_code != HTTPStatus.FORBIDDEN:
                raise
            raise PermissionError(
                errno.EACCES, "Permission denied"
            ) from refused
        if not detail:
            return found
        return [translate_info(item) for item in found]


class _AnyNamesClient(Client):  # type: ignore[misc]
    def join_url(self, path: str, add_trailing_slash: bool = False) -> URL:
        """Return the address of a path.

        Each sign of a name that means something in an address is written out.
        """
        base: Any = self.base_url
        joined = join_url_path(base.path, path)
        if add_trailing_slash:
            joined += "/"
        return base.copy_with(raw_path=quote(joined).encode())

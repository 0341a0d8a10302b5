"""SFTP that speaks only to servers whose key is known."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem
from paramiko.sftp import CMD_NAME

from yiku.faults import StepError
from yiku.intake.location import TIMEOUT

_PATIENCE = {
    "timeout": TIMEOUT,
    "banner_timeout": TIMEOUT,
    "auth_timeout": TIMEOUT,
    "channel_timeout": TIMEOUT,
}


class HostKeyError(StepError):
    """A server shows a key that nobody here knows, or another one than before.

    The message names the server alone.
    """


class CheckedSFTPFileSystem(SFTPFileSystem):  # type: ignore[misc]
    """Files over SFTP.

    ``known_hosts`` is a file of keys beside the user's own ``~/.ssh/known_hosts``.
    """

    def __init__(
        self, host: str, known_hosts: str | None = None, **ssh: Any
    ) -> None:
        """Connect. HostKeyError when the server's key is unknown or wrong."""
        if self._cached:
            return
        self.known_hosts = known_hosts
        super().__init__(host, **ssh)

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        self.client.load_system_host_keys()
        if self.known_hosts:
            self.client.load_system_host_keys(
                str(Path(self.known_hosts).expanduser())
            )
        self.client.set_missing_host_key_policy(_Refuse())
        try:
            patient = {**_PATIENCE, **self.ssh_kwargs}
            self.client.connect(self.host, **patient)
        except paramiko.BadHostKeyException:
            raise HostKeyError(
                f"SFTP 服务器 {self.host} 的密钥与登记的不同：可能有人冒充，请先核实。"
            ) from None
        transport = self.client.get_transport()
        # A firewall that forgets an idle line does not tell either side.
        transport.set_keepalive(TIMEOUT)
        self.ftp = _AnyNamesClient.from_transport(transport)
        # Without it a server that falls silent after the login holds up a
        # night for ever.
        self.ftp.get_channel().settimeout(TIMEOUT)


class _AnyNamesClient(paramiko.SFTPClient):  # type: ignore[misc]
    """A client that lists names in whatever encoding a server has them, and finds the files under them again.

    An old Windows server says them in GBK, and one such name would fail the listing of all the others.
    """

    def listdir_iter(
        self, path: str = ".", read_aheads: int = 50
    ) -> Iterator[paramiko.SFTPAttributes]:
        """Yield what lies in a folder."""
        yield from self.listdir_attr(path)

    def _request(self, kind: int, *words: Any) -> tuple[int, paramiko.Message]:
        answer_kind, answer = super()._request(kind, *words)
        if answer_kind == CMD_NAME:
            answer.get_text = partial(_any_text, answer)
        return answer_kind, answer

    def _adjust_cwd(self, path: str | bytes) -> bytes:
        if isinstance(path, str):
            path = path.encode("utf-8", "surrogateescape")
        adjusted: bytes = super()._adjust_cwd(path)
        return adjusted


def _any_text(answer: paramiko.Message) -> str:
    """Return the next text of an answer; bytes that are no text stay what they are, as in names of this machine."""
    raw: bytes = answer.get_string()
    return raw.decode("utf-8", "surrogateescape")


class _Refuse(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]
    def missing_host_key(
        self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey
    ) -> None:
        """Refuse, and say where the key belongs."""
        raise HostKeyError(
            f"不认识 SFTP 服务器 {hostname}：请核对它的密钥指纹，写入 ~/.ssh/known_hosts 或 YIKU_KNOWN_HOSTS 指定的文件"
            "（ssh-keyscan 可取得密钥）。"
        )

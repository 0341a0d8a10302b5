"""A small SFTP server for tests: one user with a password, one folder to read."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import paramiko

USER, PASSWORD = "clerk", "p@ss/word:1"


@dataclass(frozen=True)
class Served:
    """Where the server listens, and what stands in a file of known keys for it."""

    port: int
    known_hosts: str


class _Door(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Folder(paramiko.SFTPServerInterface):
    root = Path()

    def _at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes]:
        return [
            paramiko.SFTPAttributes.from_stat(p.stat(), p.name)
            for p in self._at(path).iterdir()
        ]

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        except FileNotFoundError:
            return paramiko.SFTP_NO_SUCH_FILE

    lstat = stat

    def open(self, path: str, flags: int, attr: object) -> paramiko.SFTPHandle:
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = self._at(path).open("rb")
        return handle


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[Served]:
    """Serve a folder until the block ends."""
    key = paramiko.ECDSAKey.generate()
    served = type("Here", (_Folder,), {"root": folder})
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        port = int(door.getsockname()[1])
        transports: list[paramiko.Transport] = []

        def answer() -> None:
            while True:
                try:
                    connection, _ = door.accept()
                except OSError:
                    return
                transport = paramiko.Transport(connection)
                transports.append(transport)
                transport.add_server_key(key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, served)
                with contextlib.suppress(EOFError, paramiko.SSHException):
                    transport.start_server(server=_Door())

        threading.Thread(target=answer, daemon=True).start()
        yield Served(port, f"[127.0.0.1]:{port} {key.get_name()} {key.get_base64()}\n")
        for transport in transports:
            transport.close()
        door.shutdown(socket.SHUT_RDWR)

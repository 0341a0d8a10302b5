"""A small SFTP server for tests: one user with a password, one folder to read and to write to."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
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
            paramiko.SFTPAttributes.from_stat(p.stat(), os.fsencode(p.name))
            for p in self._at(path).iterdir()
        ]

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        except FileNotFoundError:
            return paramiko.SFTP_NO_SUCH_FILE

    lstat = stat

    def open(
        self, path: str, flags: int, attr: object
    ) -> paramiko.SFTPHandle | int:
        handle = paramiko.SFTPHandle(flags)
        try:
            if flags & os.O_WRONLY:
                handle.writefile = self._at(path).open("wb")
            else:
                handle.readfile = self._at(path).open("rb")
        except OSError as fault:
            return paramiko.SFTPServer.convert_errno(fault.errno)
        return handle

    def mkdir(self, path: str, attr: object) -> int:
        return _done(self._at(path).mkdir)

    def remove(self, path: str) -> int:
        return _done(self._at(path).unlink)

    def rename(self, oldpath: str, newpath: str) -> int:
        if self._at(newpath).exists():
            return paramiko.SFTP_FAILURE
        return self.posix_rename(oldpath, newpath)

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        return _done(lambda: self._at(oldpath).replace(self._at(newpath)))


class _AnyNamesServer(paramiko.SFTPServer):
    """Names are bytes to it, as they are to the servers of the world."""

    def _process(
        self, t: int, request_number: int, msg: paramiko.Message
    ) -> None:
        msg.get_text = lambda: os.fsdecode(msg.get_string())
        super()._process(t, request_number, msg)


def _done(work: Callable[[], object]) -> int:
    try:
        work()
    except OSError as fault:
        code: int = paramiko.SFTPServer.convert_errno(fault.errno)
        return code
    return paramiko.SFTP_OK


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
                transport.set_subsystem_handler(
                    "sftp", _AnyNamesServer, served
                )
                with contextlib.suppress(EOFError, paramiko.SSHException):
                    transport.start_server(server=_Door())

        threading.Thread(target=answer, daemon=True).start()
        yield Served(
            port, f"[127.0.0.1]:{port} {key.get_name()} {key.get_base64()}\n"
        )
        for transport in transports:
            transport.close()
        door.shutdown(socket.SHUT_RDWR)

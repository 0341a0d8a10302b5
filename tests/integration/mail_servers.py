"""Real mail servers for tests: Dovecot with a certificate of the test's own, and an SMTP server that can fail."""

from __future__ import annotations

import asyncio
import contextlib
import grp
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "county", 'm@il "word"\\1'
OWN_ADDRESS = "yiku@county.example"
DOVECOT = shutil.which("dovecot", path="/usr/sbin:/usr/bin:/usr/local/sbin")
HAS_DOVECOT = DOVECOT is not None
_OPEN = 0o022  # to be read by all
WHY = "needs Dovecot (Debian: dovecot-imapd)"


def certificates(folder: Path) -> tuple[Path, Path, Path]:
    """Make a root and a server's certificate for localhost; return root, certificate and key."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in "ab")
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)

    def builder(subject, public_key):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
        )

    root = (
        builder(root_name, root_key.public_key())
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    own = (
        builder(name, key.public_key())
        .add_extension(names, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    paths = folder / "root.pem", folder / "own.pem", folder / "own.key"
    pem = serialization.Encoding.PEM
    paths[0].write_bytes(root.public_bytes(pem))
    paths[1].write_bytes(own.public_bytes(pem))
    paths[2].write_bytes(
        key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


CONFIG = """
protocols = imap
base_dir = {base}
state_dir = {base}
log_path = {base}/log
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
listen = 127.0.0.1
{accounts}
first_valid_uid = 0
mail_location = maildir:{mail}
default_process_limit = 20
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {users}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
"""


@dataclass
class ImapServed:
    """A mailbox that is served, and how to put mails into it."""

    port: int
    tls_port: int
    root: Path  # certificate
    mail: Path  # the folder of mails, as Maildir
    certificate: Path
    key: Path
    process: subprocess.Popen[bytes] | None = None
    config: Path = Path()
    count: int = 0

    def put(self, mail: EmailMessage | bytes) -> None:
        """Deliver a mail as a mail server does."""
        self.count += 1
        data = mail if isinstance(mail, bytes) else mail.as_bytes(policy.SMTP)
        name = f"{int(time.time())}.M{self.count:06d}.test"
        (self.mail / "tmp" / name).write_bytes(data)
        (self.mail / "tmp" / name).chmod(0o644)
        os.rename(self.mail / "tmp" / name, self.mail / "new" / name)

    def lying(self, folder: str = "") -> list[Path]:
        """Return the files of the mails that lie in a folder."""
        place = self.mail / folder
        return [
            file for sub in ("new", "cur") for file in (place / sub).glob("*")
        ]

    def start(self) -> None:
        """Start the server."""
        assert DOVECOT is not None
        self.process = subprocess.Popen(
            [DOVECOT, "-F", "-c", str(self.config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            umask=_OPEN,
        )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            time.sleep(0.05)
        raise AssertionError("Dovecot does not answer")

    def stop(self) -> None:
        """Stop the server and all that it started."""
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def forget(self) -> None:
        """Give the folder a new UIDVALIDITY, as a server does whose disk was restored."""
        self.stop()
        for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log"):
            (self.mail / name).unlink(missing_ok=True)
        (self.mail / "dovecot-uidvalidity").unlink(missing_ok=True)
        for file in self.mail.glob("dovecot-uidvalidity.*"):
            file.unlink()
        time.sleep(1.1)  # a UIDVALIDITY is the second of its making
        self.start()


def _accounts() -> tuple[str, pwd.struct_passwd]:
    """Return what Dovecot is to run as, and whose the mails are."""
    own = pwd.getpwuid(os.getuid())
    if own.pw_uid == 0:
        # It gives nobody root's mail, and has accounts of its own for the rest.
        return "", pwd.getpwnam("nobody")
    lines = [
        f"default_internal_user = {own.pw_name}",
        f"default_login_user = {own.pw_name}",
        f"default_internal_group = {grp.getgrgid(own.pw_gid).gr_name}",
    ]
    return "\n".join(lines), own


@contextlib.contextmanager
def serve_imap() -> Iterator[ImapServed]:
    """Serve an empty mailbox until the block ends."""
    # Not below pytest's own folder, which is closed to other accounts.
    with tempfile.TemporaryDirectory(prefix="yiku-mail-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with _open_files():
            prepared = _prepared(folder)
        with _started(prepared):
            yield prepared


@contextlib.contextmanager
def _open_files() -> Iterator[None]:
    """Let the server's own accounts read what is written: a command of ours closes files to all others."""
    before = os.umask(_OPEN)
    try:
        yield
    finally:
        os.umask(before)


def _prepared(folder: Path) -> ImapServed:
    root, certificate, key = certificates(folder)
    mail = folder / "mail"
    for sub in ("new", "cur", "tmp"):
        (mail / sub).mkdir(parents=True)
    accounts, owner = _accounts()
    for place in (folder, mail, *mail.iterdir()):
        os.chown(place, owner.pw_uid, owner.pw_gid)
    users = folder / "users"
    users.write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
    served = ImapServed(free_port(), free_port(), root, mail, certificate, key)
    base = folder / "run"
    base.mkdir()
    served.config = folder / "dovecot.conf"
    served.config.write_text(
        CONFIG.format(
            base=base,
            certificate=certificate,
            key=key,
            accounts=accounts,
            mail=mail,
            port=served.port,
            tls_port=served.tls_port,
            users=users,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            home=folder,
        )
    )
    return served


@contextlib.contextmanager
def _started(served: ImapServed) -> Iterator[None]:
    served.start()
    try:
        yield
    finally:
        served.stop()


@dataclass
class Posted:
    """What an SMTP server was handed: to whom, and what."""

    port: int = 0
    letters: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    answer: str = "250 OK"
    cuts_after: int | None = None  # letters; then the line is cut
    kept_when_cut: bool = False  # the letter was taken before the line was cut
    cuts_for: str = ""  # an address; under its letter the line is cut
    refuses: str = ""  # the beginning of an attachment's name
    takes_seconds: float = 0.0  # to look through a letter
    takes_bytes: int = 64 * 1024 * 1024  # of one letter, as its greeting says

    async def handle_EHLO(  # noqa: N802
        self, server, session, envelope, hostname, responses
    ):
        """Say in the greeting how large a letter may be."""
        session.host_name = hostname
        server.data_size_limit = self.takes_bytes
        size = f"250-SIZE {self.takes_bytes}"
        return [
            size if line.startswith("250-SIZE") else line for line in responses
        ]

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        """Take a letter, refuse it, or cut the line."""
        is_cut = (
            self.cuts_after is not None
            and len(self.letters) >= self.cuts_after
        )
        is_cut = is_cut or self.cuts_for in envelope.rcpt_tos
        await asyncio.sleep(self.takes_seconds)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        names = [part.get_filename() or "" for part in letter.walk()]
        if self.refuses and any(n.startswith(self.refuses) for n in names):
            return "554 5.7.1 refused"
        is_taken = self.answer.startswith("250") and not is_cut
        if is_taken or (is_cut and self.kept_when_cut):
            self.letters.append((list(envelope.rcpt_tos), letter))
        if is_cut:
            server.transport.abort()
        return self.answer

    def to(self, address: str) -> list[EmailMessage]:
        """Return the letters that an address got."""
        return [letter for to, letter in self.letters if address in to]


def _login(server, session, envelope, mechanism, data):
    login = (data.login.decode(), data.password.decode())
    return AuthResult(success=login == (USER, PASSWORD))


@contextlib.contextmanager
def serve_smtp(certificate: Path, key: Path) -> Iterator[Posted]:
    """Take letters over STARTTLS until the block ends."""
    posted = Posted(port=free_port())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    controller = Controller(
        posted,
        hostname="127.0.0.1",
        port=posted.port,
        tls_context=context,
        require_starttls=True,
        authenticator=_login,
        auth_required=True,
        data_size_limit=64 * 1024 * 1024,
    )
    controller.start()
    try:
        yield posted
    finally:
        controller.stop()


def mail(
    sender: str, *files: tuple[str, bytes], number: int | str = 1, **heads: str
) -> EmailMessage:
    """Return a mail as a clerk's program writes it."""
    message = EmailMessage()
    message["From"] = f"经办人 <{sender}>"
    message["To"] = OWN_ADDRESS
    message["Subject"] = "报表"
    message["Date"] = "Mon, 20 Nov 2017 09:00:00 +0800"
    message["Message-ID"] = f"<clerk.{number}@{sender.rpartition('@')[2]}>"
    for head, value in heads.items():
        message[head.replace("_", "-")] = value
    message.set_content("您好，报表见附件。\n")
    for name, content in files:
        message.add_attachment(
            content,
            maintype="application",
            subtype="octet-stream",
            filename=name,
        )
    return message

"""A whole installation to be tortured: a small county over three nights, its servers, and what it all came to."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from mail_servers import free_port
from nights import COUNTY, DAY, TOWNS, Nights
from outcomes import Outcome, laid_down, outcome
from snapshot import fix_key
from test_night_order import put, registers
from test_pairing_night import FAR, HOUSEHOLDS, NEAR, pair, put_county
from test_pairing_night import put as put_list
from yiku.settings import load_settings
from yiku.warehouse import embedded
from yiku.warehouse.connection import connect
from yiku.warehouse.init import prepare

TOWN, OTHER = list(TOWNS)
DAYS = [DAY + timedelta(days=n) for n in range(3)]
# A run that was killed has burnt numbers of files; the keys of rows are made of these, and keys of conflicts and tasks
# of the keys of rows. What they stand for is compared all the same.
BY_CHANCE = (
    r"(^|_)(submission_id|row_id|finding_id|night_id|version|ref)$|_xid$"
    r"|^(submissions|active_\w+_id|conflict_key|duplicate_key|task_key)$"
)
_ROW_KEY = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-(0000[0-9a-f]{8})"
)

_RECIPIENTS = """
mail:
  server: smtp://127.0.0.1:{smtp}
  sender: yiku@county.example
recipients:
  - id: employment
    name: 利州区就业局
    role: county_employment
    county: "{county}"
    channels:
      - {{kind: mail, to: office@county.example}}
      - {{kind: wecom, url: "http://127.0.0.1:{robot}/robot"}}
  - id: clerk
    name: 荣山镇信息员
    role: town_clerk
    county: "{county}"
    units: ["{town}"]
    channels:
      - {{kind: mail, to: clerk@county.example}}
      - {{kind: outbox}}
  - id: other-clerk
    name: 大石镇信息员
    role: town_clerk
    county: "{county}"
    units: ["{other}"]
    channels:
      - {{kind: mail, to: other@county.example}}
"""
_SOURCES = """
sources:
  - name: 县共享盘
    kind: folder
    location: {inbox}
"""


@dataclass
class Told:
    """What servers were handed: letters by address and number, words of robots; each with how often."""

    smtp: int
    robot: int
    letters: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        """Take a letter."""
        letter = message_from_bytes(envelope.content, policy=policy.default)
        body = letter.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        # a mail program knows two copies of a letter by the number
        facts = [envelope.rcpt_tos, letter["Message-ID"], letter["Subject"]]
        self.letters[json.dumps([*facts, text], ensure_ascii=False)] += 1
        return "250 OK"

    def clear(self) -> None:
        """Forget all."""
        self.letters.clear()
        self.texts.clear()

    def outcome(self) -> Outcome:
        """Return what was told, each thing once."""
        return {
            "letters": sorted(self.letters),
            "robot": sorted(self.texts),
        }

    def repeats(self) -> int:
        """Return how many messages came that had come before."""
        told = self.letters + self.texts
        return told.total() - len(told)


@contextmanager
def servers() -> Iterator[Told]:
    """Serve mail and a robot until the block ends."""
    told = Told(free_port(), 0)

    class Robot(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            told.texts[body["text"]["content"]] += 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"errcode": 0}')

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    robot = ThreadingHTTPServer(("127.0.0.1", 0), Robot)
    told.robot = robot.server_port
    threading.Thread(target=robot.serve_forever, daemon=True).start()
    mail = Controller(told, hostname="127.0.0.1", port=told.smtp)
    mail.start()
    try:
        yield told
    finally:
        mail.stop()
        robot.shutdown()
        robot.server_close()


@dataclass
class World:
    """An installation with a folder that clerks lay their files into."""

    folder: Path
    told: Told

    def __post_init__(self) -> None:
        """Read its settings as a command does."""
        self.inbox = self.folder / "inbox"
        self.settings = load_settings(self.environment())
        self.nights = Nights(self.settings, self.inbox)

    @property
    def home(self) -> Path:
        """Where it keeps its state."""
        return self.folder / "home"

    def environment(self) -> dict[str, str]:
        """Return the variables that its commands run with."""
        return {
            "YIKU_HOME": str(self.home),
            "YIKU_WORKERS": "2",
            "YIKU_SOURCES": str(self.folder / "sources.yml"),
            "YIKU_RECIPIENTS": str(self.folder / "recipients.yml"),
        }

    def set_up(self) -> None:
        """Make its warehouse, in which the same person has the same number as in any other world."""
        self.inbox.mkdir(parents=True)
        embedded.ensure_running(self.settings)
        with closing(connect(self.settings)) as conn:
            prepare(conn)
        fix_key(self.settings)
        embedded.stop(self.settings)

    def copy_to(self, folder: Path) -> World:
        """Return another world that is as this one was when it stopped."""
        # with the owners of the files: where root runs this, the server is another's
        subprocess.run(["cp", "-a", self.folder, folder], check=True)
        world = World(folder, self.told)
        world.write_configuration()
        return world

    def write_configuration(self) -> None:
        """Write who is told, and where files come from."""
        ports = {"smtp": self.told.smtp, "robot": self.told.robot}
        units = {"county": COUNTY, "town": TOWN, "other": OTHER}
        recipients = _RECIPIENTS.format(**ports, **units)
        (self.folder / "recipients.yml").write_text(recipients, "utf-8")
        sources = _SOURCES.format(inbox=self.inbox)
        (self.folder / "sources.yml").write_text(sources, "utf-8")

    def lay(self, night: int) -> None:
        """Lay into the inbox what clerks send for a night, numbered from 0."""
        nights = self.nights
        if night == 0:
            nights.put_references()
            put_county(nights)
            put(nights, "first", "post")
            found = registers("first")
        elif night == 1:
            put(nights, "both", "work", "posts")
            pairs = [pair(FAR, HOUSEHOLDS[-1]), pair(NEAR, HOUSEHOLDS[1])]
            put_list(nights, "T05", pairs, unit=TOWN)
            found = registers("second")
        else:
            put(nights, "resent", "old", "mended", "added")
            found = []
        for file in found:
            nights.put(*file)

    def outcome(self, day: date) -> Outcome:
        """Return all that it came to: marts, ledger, what it wrote, what it brought back and told."""
        found = outcome(self.nights, day, BY_CHANCE)
        found |= laid_down(self.folder, self.settings.outbox)
        found |= laid_down(self.folder, self.inbox)
        found |= self.told.outcome()
        # files of the inbox by name, not by the folder of their world
        here = str(self.folder)
        return {
            name: [
                _ROW_KEY.sub(r"\1", line).replace(here, "") for line in lines
            ]
            for name, lines in found.items()
        }


def differences(one: Outcome, other: Outcome) -> dict[str, list[str]]:
    """Return by name what only one of two outcomes has, marked by < or >, and how often."""
    found: dict[str, list[str]] = {}
    for name in sorted(one.keys() | other.keys()):
        before = Counter(one.get(name, []))
        after = Counter(other.get(name, []))
        lines = [f"< {line}" for line in (before - after).elements()]
        lines += [f"> {line}" for line in (after - before).elements()]
        if lines:
            found[name] = lines
    return found

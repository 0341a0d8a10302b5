"""The ledger's first line about a content.

Its receipt, and what can be said before it is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath

from yiku.checking.findings import Finding
from yiku.contracts.rules import load_rules
from yiku.intake.path_names import Sender, is_correction, is_supplement, masked
from yiku.warehouse.connection import Connection
from yiku.warehouse.load import FindingRow, add_findings

# A copy of a file that lay in the wrong place is not a duplicate: only now does it lie where it
# belongs.
_MISPLACED = ("U01", "F11")
_REASONS = {"rejected": "U01", "duplicate": "F08"}
# Copies point to the file that was read, never to another copy.
_ORIGINAL = """
select submission_id, receipt_no, business_date from ops.submission
where sha256 = %s and undone_at is null and status <> 'duplicate'
    and not (coalesce(reason, '') = any (%s) and unit_code is distinct from %s)
order by submission_id
limit 1
"""
_INSERT = """
insert into ops.submission (
    business_date, county_code, unit_code, file_name, sha256, status, reason, receipt_no,
        container, archive_key,
    size_bytes, is_correction, is_supplement, duplicate_of, source, mail_id, processed_at
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
    case when %s then clock_timestamp() end)
returning submission_id
"""
# The highest number and no sequence: when a night is rebuilt its receipts are
# the same again.
_NEXT_RECEIPT = """
select coalesce(max(substr(receipt_no, %s)::integer), 0) + 1 from ops.submission
    where starts_with(receipt_no, %s)
"""
_REVIVE = """
update ops.submission as s set status = 'received', reason = null, duplicate_of = null,
    processed_at = null
from ops.submission as o
where s.duplicate_of = o.submission_id and o.submission_id = any (%s)
    and o.reason = any (%s) and s.unit_code is distinct from o.unit_code and s.undone_at is null
returning s.submission_id
"""
# Their senders were told that nothing was read: that is no longer so.
_NO_LONGER_COPIES = """
delete from ops.finding as f using ops.submission as s
where f.submission_id = s.submission_id and f.rule = 'F08' and s.status = 'received'
"""


@dataclass(frozen=True)
class Content:
    """One content to be registered: a file, or one file of a bundle."""

    sender: Sender
    name: str
    sha256: str
    size: int
    container: str | None = None
    source: str | None = None  # where it came from, as sources.yml names it
    mail_id: int | None = None  # of the mail that brought it


@dataclass(frozen=True)
class _Original:
    """The earlier submission of the same bytes."""

    submission_id: int
    receipt_no: str
    business_date: date


def register(conn: Connection, content: Content, business_date: date) -> str:
    """Write the line of one content; return its status: received, rejected or duplicate."""
    original = _original(conn, content)
    status = "received"
    if content.sender.unit_code is None:
        status = "rejected"
    elif original:
        status = "duplicate"
    number = _insert(conn, content, business_date, status, original)
    findings = [
        FindingRow(
            replace(finding, file=number),
            load_rules()[finding.rule].say(None, **finding.facts),
        )
        for finding in _first_findings(content, status, original)
    ]
    add_findings(conn, number, findings, business_date)
    return status


def _original(conn: Connection, content: Content) -> _Original | None:
    """Return the earlier submission of the same bytes, unless that was taken back or lay in the wrong place."""
    asked = (content.sha256, list(_MISPLACED), content.sender.unit_code)
    found = conn.execute(_ORIGINAL, asked).fetchone()
    return _Original(*found) if found else None


def _insert(
    conn: Connection,
    content: Content,
    business_date: date,
    status: str,
    original: _Original | None,
) -> int:
    sender = content.sender
    named = (_kept_name(content), content.sha256)
    is_done = status != "received"
    line = (
        *(business_date, sender.county_code, sender.unit_code, *named),
        *(status, _REASONS.get(status), _receipt(conn, sender, business_date)),
        masked(content.container) if content.container else None,
        *(content.sha256, content.size),
        *(is_correction(content.name), is_supplement(content.name)),
        original.submission_id if original else None,
        content.source,
        content.mail_id,
        is_done,
    )
    found = conn.execute(_INSERT, line).fetchone()
    assert found is not None
    return int(found[0])


def _receipt(conn: Connection, sender: Sender, business_date: date) -> str:
    """Return the next receipt number of a unit and night, such as R20171120-510802101-0007."""
    unit = sender.unit_code
    # A receipt has digits where a name of a unit would stand: by its form
    # alone it is told from the name of a file.
    if unit in (None, "county"):
        unit = sender.county_code or "000000"
    prefix = f"R{business_date:%Y%m%d}-{unit}-"
    found = conn.execute(_NEXT_RECEIPT, (len(prefix) + 1, prefix)).fetchone()
    assert found is not None
    return f"{prefix}{found[0]:04d}"


def _kept_name(content: Content) -> str:
    """Return the name to keep.

    Masked, and then marked so that two files do not look the same (F14).
    """
    name = masked(content.name)
    if name == content.name:
        return name
    path = PurePosixPath(name)
    return str(
        path.with_name(f"{path.stem}-{content.sha256[:4]}{path.suffix}")
    )


def _first_findings(
    content: Content, status: str, original: _Original | None
) -> Iterable[Finding]:
    """Say what can be said of a file before it is opened."""
    if masked(content.name) != content.name:
        yield _finding("F14")
    if status == "rejected":
        yield _finding("U01")
    elif original is not None:
        day = original.business_date.isoformat()
        yield _finding("F08", date=day, receipt=original.receipt_no)


def _finding(rule_id: str, **facts: object) -> Finding:
    rule = load_rules()[rule_id]
    return Finding(0, None, None, None, rule.id, rule.verdict, facts)


def revive_copies(
    conn: Connection, submission_ids: Sequence[int]
) -> list[int]:
    """Let copies of files that turned out to lie in the wrong place (F11) be read after all.

    Return which.
    """
    asked = (list(submission_ids), list(_MISPLACED))
    revived = conn.execute(_REVIVE, asked).fetchall()
    conn.execute(_NO_LONGER_COPIES)
    return sorted(int(number) for (number,) in revived)

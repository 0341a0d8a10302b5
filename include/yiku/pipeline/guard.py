"""The look at what others may read, after it is built and before it is published.

The masks of the marts know the form of a value; this looks at the values themselves, by other
means: at every number in any writing, and at the names of the persons of the register and of the
lists. What shows is masked, counted and told to the privacy officer; a fault of a mask or a value
that nobody thought of keeps no night from being published.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from yiku.contracts.yaml_text import parse_yaml
from yiku.redaction import without_names
from yiku.settings import Settings
from yiku.warehouse import shown_cells
from yiku.warehouse.connection import Connection
from yiku.warehouse.shown_cells import TextColumn

SCHEMAS = ("mart_masked", "published")
HIDDEN = "***"
# What the columns of these forms hold by right; every other column of text holds no number of
# five digits.
_BY_RIGHT = {
    "area": re.compile(r"county|\d{6}|\d{9}"),
    "village": re.compile(r"\d{6}|\d{9}|\d{12}"),
    "month": re.compile(r"\d{4}(?:-\d\d|-[QH]\d)?"),
    "receipt": re.compile(r"R\d{8}-\d{6,9}-\d+|[A-Z]\d\d?[a-z]?/\d+/\d+"),
    "organisation": re.compile(r"[0-9A-Z]{8}(?=[0-9]{0,9}[A-Z])[0-9A-Z]{10}"),
    "id": re.compile(r"\d{6}\*+"),
    "symbol": re.compile(r"[A-Za-z][A-Za-z_]*(?:[0-9]{1,2}[A-Za-z_]*){0,2}"),
}
_MOST_DIGITS, _MOST_BY_FORM = 4, {"number": 8, "sentence": 6, "id": 0}
_LONGEST_GAP = 12  # signs between two digits of one number: stars may stand for the digits between
_PLACE = re.compile(
    r"[一-鿿]{1,14}(?:省|市|州|区|县|旗|乡|镇|街道|办事处|村|社区|委会|组|场|屯|寨|苑)"
)
_NAME = re.compile(r"[一-鿿]{2,4}")
_CHINESE_DIGITS = frozenset("〇零一壹幺二贰两三叁四肆五伍六陆七柒八捌九玖")


@dataclass(frozen=True)
class Guarded:
    """What a look at the marts came to.

    How many cells showed what no mask should have let through, in which relations anything was covered, and by which
    names and words it was looked (``sight``).
    """

    cells: int
    covered: frozenset[str]
    by: UUID


def mask_what_shows(
    conn: Connection,
    settings: Settings,
    night_id: int,
    seen: Mapping[str, UUID | None] | None = None,
) -> Guarded:
    """Mask what shows of a person in the marts that wait to be published; note how much and where, and return it.

    Looks at the shadow schemas, in the caller's transaction.
    ``seen`` are relations that are taken over from an earlier night, each with what that looked by: where it is the
    same they need no second look, and the earlier night's note stands.
    """
    forms, names = column_forms(settings), known_names(conn)
    words = shown_cells.code_words(conn)
    by = _sight(names, words)
    known = {name for name, earlier in (seen or {}).items() if earlier == by}
    shown_cells.begin_notes(conn, night_id, sorted(seen or ()))
    covered: set[str] = set()
    for schema in SCHEMAS:
        for column in shown_cells.text_columns(conn, schema):
            relation = f"{schema}.{column.relation}"
            if relation in known:
                continue
            form = forms.get(column.name, "text")
            masked = _mask_column(conn, column, form, names, words)
            if masked.cells:
                shown_cells.note_masked(conn, night_id, column, masked.cells)
            if masked.has_covered:
                covered.add(relation)
    cells = shown_cells.masked_count(conn, night_id)
    return Guarded(cells, frozenset(covered), by)


def sight(conn: Connection) -> UUID:
    """Return a fingerprint of the names and words by which the guard looks now."""
    return _sight(known_names(conn), shown_cells.code_words(conn))


def _sight(names: Collection[str], words: Collection[str]) -> UUID:
    digest = hashlib.sha256("\n".join(sorted(names)).encode())
    digest.update(b"\n\n")
    digest.update("\n".join(sorted(words)).encode())
    return UUID(bytes=digest.digest()[:16])


class _Masked(NamedTuple):
    """How many cells showed what no mask should have let through, and whether anything was covered at all."""

    cells: int
    has_covered: bool


def column_forms(settings: Settings) -> Mapping[str, str]:
    """Return by the name of a column which form its values have.

    The marts say so for the masks as well.
    """
    forms = {"id_no": "id"}
    for path in (settings.dbt_project / "models/marts").rglob("*.yml"):
        for model in parse_yaml(path.read_text("utf-8")).get("models", ()):
            for column in model["columns"]:
                if (
                    form := column.get("config", {})
                    .get("meta", {})
                    .get("form")
                ):
                    forms[column["name"]] = form
    return forms


def known_names(conn: Connection) -> frozenset[str]:
    """Return the names of all persons of the register and of the lists, of two to four Chinese characters."""
    on_record = shown_cells.names_on_record(conn)
    return frozenset(name for name in on_record if _NAME.fullmatch(name))


def _mask_column(
    conn: Connection,
    column: TextColumn,
    form: str,
    names: Collection[str],
    words: Collection[str],
) -> _Masked:
    """Mask what shows in one column."""
    safe: dict[str, str] = {}
    for value in shown_cells.values_of_column(conn, column):
        instead = _shown(value, form, names, words)
        if instead:
            safe[value] = instead
    if not safe:
        return _Masked(0, has_covered=False)
    hidden = [value for value, instead in safe.items() if instead == HIDDEN]
    cells = shown_cells.count_cells(conn, column, hidden)
    shown_cells.replace_values(conn, column, safe)
    return _Masked(cells, has_covered=True)


# --- the detector: it shares nothing with the masks


def _shown(
    value: str, form: str, names: Collection[str], words: Collection[str]
) -> str | None:
    """Return what may be shown in the place of a value; None when it may stay as it is."""
    by_right = _BY_RIGHT.get(form)
    if value in words or (by_right and by_right.fullmatch(value)):
        return None
    if shows_number(value, form):
        return HIDDEN
    # whatever does not fit its form is shown as free text is, and a name in it is masked as a
    # matter of course
    covered = (
        value
        if form == "place" and _PLACE.fullmatch(value)
        else cover_names(value, names)
    )
    return covered if covered != value else None


def shows_number(value: str, form: str = "text") -> bool:
    """Tell whether a value shows a number of a person, or a good part of one, in a column of that form."""
    by_right = _BY_RIGHT.get(form)
    if by_right and by_right.fullmatch(value):
        return False
    return _longest_number(value) > _MOST_BY_FORM.get(form, _MOST_DIGITS)


def _longest_number(value: str) -> int:
    """Return of how many digits the longest number of a text is, whatever stands between two of them but words."""
    longest = run = gap = 0
    for char in unicodedata.normalize("NFKC", value):
        if char.isdecimal() or char in _CHINESE_DIGITS:
            run, gap = run + 1, 0
            longest = max(longest, run)
        elif char.isalpha() or gap >= _LONGEST_GAP:
            run = 0
        else:
            gap += 1
    return longest


def cover_names(value: str, names: Collection[str]) -> str:
    """Return a text in which of every known name the first character alone is left."""
    return without_names(value, names, "*")

"""What is planted in a demo county is what checking finds there, no more and no less."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

from yiku.batch.offline import known_from_files, nothing_known
from yiku.batch.processing import settle_files
from yiku.batch.reading_files import read_files
from yiku.demo import write_inbox
from yiku.intake.arrival import Arrival

ROOT = Path(__file__).parents[2]
NIGHT = date(2017, 11, 20)
# What other rows say against a row is told once the marts are built.
BY_MARTS = {("K53", "Q"), ("K54", "Q"), ("K71", "W")}


def test_the_findings_of_a_county_are_those_that_were_planted(
    tmp_path: Path,
) -> None:
    manifest = write_inbox(tmp_path, counties=["510821"])
    arrivals = [
        _arrival(n, tmp_path, path) for n, path in enumerate(manifest.files)
    ]
    references = [a for a in arrivals if a.unit_code == "county"]
    known = known_from_files(
        read_files(references, nothing_known(NIGHT), workers=2), NIGHT
    )
    outcomes = settle_files(
        arrivals,
        known,
        ROOT / "expectations",
        2,
        lambda files: [settled.outcome for settled in files],
    )
    found = Counter((f.rule, f.verdict) for o in outcomes for f in o.findings)
    wanted = manifest.findings()
    assert set(wanted) >= BY_MARTS
    assert found == Counter(
        {k: n for k, n in wanted.items() if k not in BY_MARTS}
    )


def _arrival(number: int, folder: Path, path: str) -> Arrival:
    county, unit, name = path.split("/")
    unit = unit if unit == "county" else unit[:9]
    return Arrival(
        number,
        county,
        unit,
        name,
        str(folder / path),
        datetime(2017, 11, 20, tzinfo=UTC),
    )

"""What is set beside the rows of a list takes no column of the list itself."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from yiku.batch.files import SheetRead
from yiku.batch.stack import with_origin
from yiku.cleaning import CleaningContext, clean_table
from yiku.contracts import load_codes, load_contracts
from yiku.intake.arrival import Arrival
from yiku.intake.file_read import FileRead
from yiku.tables.table import MatchedColumn, Reading, SheetMetadata, Table

DAY = date(2017, 11, 20)
AT = datetime(2017, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "contract", load_contracts().values(), ids=lambda c: c.code
)
def test_every_column_of_a_list_keeps_what_was_written(contract) -> None:
    understood = {
        c.name: MatchedColumn(c.name, i, c.header, "official")
        for i, c in enumerate(contract.columns, 1)
    }
    cells = {name: ["某某"] for name in understood}
    table = Table(
        "Sheet1",
        0,
        contract.code,
        (3, 3),
        understood,
        [4],
        cells,
        metadata=SheetMetadata(),
    )
    cleaned = clean_table(
        table, contract, load_codes(), CleaningContext(DAY, "2017-11")
    )
    reading = Reading("xlsx", [table], [], None, "")
    arrival = Arrival(1, "510821", "county", "表.xlsx", "表.xlsx", AT)
    before = cleaned.frame.copy()
    file = FileRead(arrival, reading=reading, cleaned={0: cleaned})
    after = with_origin([SheetRead(0, file, 0)])
    assert after[list(contract.names)].equals(before[list(contract.names)])
    # pandas would make times of its own of them, ten times as slow to go through
    assert all(
        pd.api.types.is_object_dtype(kind)
        for kind in after.dtypes.drop("withdrawn")
    )

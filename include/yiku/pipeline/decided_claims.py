"""What rows of different files say of one person, decided once all files of a night are loaded.

A batch has judged its rows beside those that it saw. Here all that was loaded is looked at as a set
(``yiku.comparison.rival_claims``): the files with rows to which something else applies are judged once more, with what
was decided. So neither the order of files nor how they fell into batches and nights matters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from yiku.comparison.rival_claims import NO_LOSS, Loss, decide
from yiku.contracts import Contract, load_contracts
from yiku.pipeline.batch_context import gazetteer_of
from yiku.warehouse.connection import Connection
from yiku.warehouse.contested_rows import contested_rows
from yiku.warehouse.load import row_ids


@dataclass
class Decided:
    """What each contested row gives way to, by row id, and the files that have been judged otherwise."""

    losses: dict[str, Loss] = field(default_factory=dict)
    judged_otherwise: set[int] = field(default_factory=set)

    def of_rows(
        self,
        submission_id: int,
        sheet: str | None,
        part: int,
        row_nos: Sequence[int],
    ) -> list[Loss]:
        """Return what the rows of a table give way to."""
        ids = row_ids(submission_id, sheet, part, row_nos)
        return [self.losses.get(row_id, NO_LOSS) for row_id in ids]


def decide_claims(conn: Connection) -> Decided:
    """Decide about all rows that claim persons whom other rows claim too, on the business date."""
    decided = Decided()
    for contract in load_contracts().values():
        # On other lists two towns may both name a person.
        if contract.one_town:
            _decide(conn, contract, decided)
    return decided


def _decide(conn: Connection, contract: Contract, decided: Decided) -> None:
    rows = contested_rows(conn, contract)
    losses = _with_names(conn, decide(rows, contract))
    told = zip(rows["lost_to"], rows["is_second"], strict=True)
    for row_id, number, before, loss in zip(
        rows["row_id"], rows["submission_id"], told, losses, strict=True
    ):
        if loss != NO_LOSS:
            decided.losses[row_id] = loss
        # Compared with what was told, not with the fate: so a night that
        # changes nothing judges no file again.
        if loss != Loss(*before):
            decided.judged_otherwise.add(int(number))


def _with_names(conn: Connection, losses: Sequence[Loss]) -> list[Loss]:
    """Return the losses with the names of towns as they are told, those of other counties too."""
    towns = {loss.to_town for loss in losses if loss.to_town}
    name_of = _town_names(conn, sorted(towns))
    return [
        Loss(name_of(loss.to_town), loss.is_second_post)
        if loss.to_town
        else loss
        for loss in losses
    ]


def _town_names(
    conn: Connection, towns: Sequence[str]
) -> Callable[[str], str]:
    counties = sorted({town[:6] for town in towns})
    gazetteer = gazetteer_of(conn, counties)
    return lambda town: gazetteer.town_name(town) or town

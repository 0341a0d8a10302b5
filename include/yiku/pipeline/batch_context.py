"""What was known before a batch, as the warehouse has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pandas as pd

from yiku.batch import Known
from yiku.batch.files import LossesOf
from yiku.comparison.answered_rows import identity_columns
from yiku.contracts import load_contracts
from yiku.gazetteer.places import Gazetteer, Village
from yiku.register.snapshot import RegisterSnapshot
from yiku.tables.table import WorkListAnswers
from yiku.warehouse import lookup
from yiku.warehouse.connection import Connection
from yiku.warehouse.link_decisions import link_decisions
from yiku.warehouse.open_items import replaced_references, settled_references


def known_to(
    own: Callable[[], Connection],
    business_date: date,
    batch: Sequence[int],
    losses: LossesOf | None = None,
) -> Known:
    """Return what the warehouse knows for a batch of submissions.

    ``own`` gives the connection of the process that asks, which looks at ``business_date``; ``losses`` what was decided
    of rows beside all that was loaded.
    """
    contracts = load_contracts()
    # Each is asked when it is needed: a batch holds few of the lists, and
    # processes that were forked ask by connections of their own.
    return Known(
        business_date=business_date,
        snapshot=lambda ids, counties: register_snapshot(own(), ids, counties),
        loaded=lambda code, frame: lookup.loaded_rows(
            own(), contracts[code], frame
        ),
        grids=lambda hashes: lookup.known_grids(own(), hashes, batch),
        proposals=lambda references: lookup.proposals(
            own(), [c for c in contracts.values() if c.person], references
        ),
        answered=lambda code, references: lookup.answered_rows(
            own(),
            contracts[code],
            identity_columns(contracts[code]),
            references,
        ),
        last_period=lambda code, senders: lookup.last_period(
            own(), contracts[code], senders
        ),
        # Every file is read with it.
        confirmed=lookup.confirmed_headers(own()),
        decisions=lambda: link_decisions(own()),
        losses=losses,
        settled=lambda answers, day: settled_answers(own(), answers, day),
    )


def settled_answers(
    conn: Connection, answers: WorkListAnswers, arrived_on: date
) -> set[str]:
    """Return which rows that a work list answers had been put right, taken out or sent anew before it came."""
    gone = {
        reference for lists in answers.gone.values() for reference in lists
    }
    sent_back = sorted(answers.references.difference(gone))
    found = settled_references(conn, sent_back, arrived_on)
    for code, references in answers.gone.items():
        contract = load_contracts()[code]
        found |= replaced_references(
            conn, contract, sorted(references), arrived_on
        )
    return found


def gazetteer_of(conn: Connection, counties: Sequence[str]) -> Gazetteer:
    """Return the towns and villages of some counties."""
    villages = [
        Village(
            **{
                **v,
                "aliases": tuple(v["aliases"] or ()),
                "successors": tuple(v["successors"] or ()),
            }
        )
        for v in lookup.villages(conn, counties)
    ]
    return Gazetteer(lookup.towns(conn, counties), villages)


def register_snapshot(
    conn: Connection, ids: Sequence[str], counties: Sequence[str]
) -> RegisterSnapshot:
    """Return the register of some counties, with the persons elsewhere whose numbers are among ``ids``."""
    people: pd.DataFrame = lookup.persons(conn, counties, ids)
    decisions = link_decisions(conn)
    return RegisterSnapshot(
        persons=people,
        gazetteer=gazetteer_of(conn, counties),
        key=lookup.identity_key(conn),
        old_ids=lookup.old_ids(conn),
        merged=decisions.merged,
        apart=decisions.apart,
        households=lambda: lookup.households(conn, counties),
    )

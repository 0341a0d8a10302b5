"""The steps of a night as plain functions.

Whoever runs them (Airflow, a test, a shell) only puts them in order.
"""

from yiku.pipeline.check import check_files
from yiku.pipeline.check_result import CheckResult
from yiku.pipeline.mart_steps import build_marts, propose, publish
from yiku.pipeline.outgoing_steps import (
    bring_back,
    draw_wall,
    hand_out_answers,
    notify,
    send_back,
    town_form,
    work_lists,
)
from yiku.pipeline.reports import issue_bulletins, issue_inspections
from yiku.pipeline.steps import (
    close_night,
    end_run,
    load_references,
    open_night,
    process_batch,
    pull,
    settle_claims,
)
from yiku.pipeline.tidying import tidy

__all__ = [
    "CheckResult",
    "bring_back",
    "build_marts",
    "check_files",
    "close_night",
    "draw_wall",
    "end_run",
    "hand_out_answers",
    "issue_bulletins",
    "issue_inspections",
    "load_references",
    "notify",
    "open_night",
    "process_batch",
    "propose",
    "publish",
    "pull",
    "send_back",
    "settle_claims",
    "tidy",
    "town_form",
    "work_lists",
]

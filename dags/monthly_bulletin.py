"""Issue last month's bulletin of each county, once its figures are published.

## Purpose
On the third workday of a month (or the first night after it), when a night has published its marts: freeze and write
each county's bulletin of last month as Word, workbook and PDF, and tell whom it is for. A county whose bulletin is out
is left as it is.
## Triage
* The task's log says what is wrong with the template (`YIKU_BULLETIN_TEMPLATE`): mend the file, clear the task.
* No PDF: LibreOffice is missing on the worker; the Word file is what goes out.
## Rerun
Any time: what was issued is written again as it was. With `county`, `period` or `preview` what is asked for is
written, whatever the day.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from yiku import airflow_glue as glue


@task(multiple_outputs=False)
def issue() -> glue.Facts:
    """Issue what is due, or what the run was asked for."""
    return glue.report("issue_bulletins")


@dag(
    schedule=[glue.MARTS],
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["impact/tier_2", "area/reports"],
    default_args=dict(glue.DEFAULT_ARGS),
    params=glue.report_params(),
)
def monthly_bulletin() -> None:
    """Wire the one step."""
    issue()


monthly_bulletin()

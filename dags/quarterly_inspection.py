"""Report last quarter's inspection of each county, and draw the next one's sample.

## Purpose
On the third workday of a quarter (or the first night after it), when a night has published its marts: freeze and write
each county's report (what became of the last sample, which problems were mended), draw by risk what is visited next,
write the form for it into the county's folder, from where the next night brings it, and tell whom it is for. A county
whose report is out is left as it is.
## Triage
* The task's log says what is wrong with the template (`YIKU_INSPECTION_TEMPLATE`): mend the file, clear the task.
* No PDF: LibreOffice is missing on the worker; the Word file is what goes out.
* Nothing drawn: a report of a quarter before the last one draws nothing, nor does a county without villages.
## Rerun
Any time: what was issued and drawn is written again as it was. With `county`, `period` or `preview` what is asked for
is written, whatever the day; a preview draws nothing for good.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from yiku import airflow_glue as glue


@task(multiple_outputs=False)
def issue() -> glue.Facts:
    """Issue what is due, or what the run was asked for."""
    return glue.report("issue_inspections")


@dag(
    schedule=[glue.MARTS],
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["impact/tier_2", "area/reports"],
    default_args=dict(glue.DEFAULT_ARGS),
    params=glue.report_params(glue.QUARTER),
)
def quarterly_inspection() -> None:
    """Wire the one step."""
    issue()


quarterly_inspection()

"""Take the townships' spreadsheets in, and turn them into the one database and its five lists.

## Purpose
Every night at 01:00 Asia/Shanghai, when no other night runs: pull what is new in the inbox, load the reference lists
(V01 V02 H01 H02) and what else county offices sent, read, check and load the towns' workbooks in batches, build the
marts in a shadow, propose who should help whom, swap all in, answer the clerks where their files came from, send
digests. Only a fault of ours fails a task.
## Triage
* `pull` failed: the inbox cannot be reached; the next run takes it all in. With `sources.yml` a source that is away
  fails nothing: the digest names it, `yiku sources check` says why.
* `load` failed: the task's log has the type and place of the fault. Files already loaded stay loaded.
* `build`, `propose` failed: a model, a gate, the optimiser. Yesterday's marts are still served; YIKU_DEBUG=1 says why.
* `hand_out`, `send_back`, `work_lists`, `bring_back`, `draw_wall` or `notify` failed: the marts are new, not all have
  heard. Run it again.
* `tidy` failed: a file of YIKU_HOME cannot be taken away, or its retention.yml is wrong. All else of the night is done.
* Tasks retry only for faults that can pass. Logs hold no value of a person.
## Rerun
With `date`, what had arrived by then is replayed; a day before the published one is shown only with `publish_old`.
"""

from __future__ import annotations

from functools import partial

from airflow.sdk import chain, dag, task
from yiku import airflow_glue as glue

step = partial(task, multiple_outputs=False)  # one XCom a task, not one a key


@step()
def open_night() -> glue.Facts:
    """Say which night it is, wait until no other runs, and write down that it begins."""
    return glue.begin(glue.tonight())


@step()
def pull(night: glue.Facts) -> glue.Facts:
    """Take in what is new in the inbox."""
    return glue.step("pull", night, inbox=glue.opened(night["inbox"]))


@step()
def reference(night: glue.Facts, pulled: glue.Facts) -> list[glue.Facts]:
    """Load the reference lists and what else county offices sent; hand out the towns' files in batches."""
    return glue.load_references(night, pulled)


@step(map_index_template="{{ label }}")
def load(night: glue.Facts, batch: glue.Facts) -> glue.Facts:
    """Read, check and load one batch."""
    return glue.step(
        "process_batch", night, glue.label_task(batch["label"]), batch=batch
    )


@step(trigger_rule="none_failed")
def build(night: glue.Facts) -> glue.Facts:
    """Build the marts; with no batch at all too (nothing new skips `load`), for dates move on."""
    return glue.step("build_marts", night)


@step()
def propose(night: glue.Facts) -> glue.Facts:
    """Propose who should help whom, where people, places or pairs changed."""
    return glue.step("propose", night)


@step(outlets=[glue.MARTS])
def publish(night: glue.Facts) -> glue.Facts:
    """Swap the new marts in; those of a day before the published one only if the run is told to."""
    return glue.step("publish", night, publish_old=night["publish_old"])


@step()
def hand_out(night: glue.Facts) -> list[glue.Facts]:
    """Hand out what waits for an answer, in parts of whole counties."""
    return list(glue.step("hand_out_answers", night)["parts"])


@step(map_index_template="{{ label }}")
def send_back(night: glue.Facts, part: glue.Facts) -> glue.Facts:
    """Write return workbooks and receipts of some counties."""
    return glue.step(
        "send_back",
        night,
        glue.label_task(part["label"]),
        counties=part["counties"],
    )


@step(trigger_rule="none_failed")
def work_lists(night: glue.Facts) -> glue.Facts:
    """Write for every unit one list of all that is open for it; with nothing to answer too."""
    return glue.step("work_lists", night)


@step()
def bring_back(night: glue.Facts) -> glue.Facts:
    """Lay them down where the clerks' files came from."""
    return glue.bring_back(night)


@step()
def draw_wall(night: glue.Facts) -> glue.Facts:
    """Draw the wall pages of counties and towns, and lay them down where their readers look."""
    return glue.draw_wall(night)


@step()
def notify(night: glue.Facts) -> glue.Facts:
    """Send the digests."""
    return glue.step("notify", night)


@step()
def tidy(night: glue.Facts) -> glue.Facts:
    """Take away what is older than its period (retention.yml): files, and rows that prove nothing."""
    return glue.step("tidy", night)


@step()
def close(night: glue.Facts) -> glue.Facts:
    """Write down what the night did."""
    return glue.step("close_night", night)


@step()
def give_way() -> None:
    """Let the next night begin, however this one ended."""
    glue.end_run()


@dag(
    schedule=glue.EVERY_NIGHT,
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["impact/tier_1", "area/intake"],
    default_args=dict(glue.DEFAULT_ARGS),
    params=glue.night_params(),
)
def nightly() -> None:
    """Wire the steps of a night."""
    night = open_night()
    parts = hand_out(night)
    chain(
        load.partial(night=night).expand(batch=reference(night, pull(night))),
        *[one(night) for one in (build, propose, publish)],
        parts,
        send_back.partial(night=night).expand(part=parts),
        *[one(night) for one in (work_lists, bring_back, draw_wall)],
        *[one(night) for one in (notify, tidy, close)],
        give_way().as_teardown(),
    )


nightly()

"""What a person sees while a command works.

A moving line on a terminal, plain lines elsewhere, nothing with --json.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    track,
)

from yiku.display import printable

Facts = Mapping[str, Any]
T = TypeVar("T")

STEPS = {
    "open_night": "开始",
    "pull": "收件",
    "load_references": "载入行政区划、户籍底册和县直部门的表",
    "process_batch": "读表、核对、入库",
    "build_marts": "生成一库五名单",
    "propose": "测算结对建议",
    "publish": "发布",
    "draw_wall": "画挂图",
    "hand_out_answers": "分派答复",
    "send_back": "写回退件和回执",
    "work_lists": "写各单位的待办清单",
    "bring_back": "把退件和回执送回来件的地方",
    "notify": "发送通知",
    "tidy": "清理过期的文件和记录",
    "close_night": "收尾",
}

# The tasks of the DAG by the step that each runs, where the two have different names.
TASKS = {
    "reference": "load_references",
    "load": "process_batch",
    "build": "build_marts",
    "close": "close_night",
    "hand_out": "hand_out_answers",
}

COUNTS = {
    "new": "新来件",
    "duplicates": "重复",
    "unchanged": "未变",
    "files": "文件",
    "read": "读到行",
    "loaded": "入库",
    "quarantined": "退回",
    "dropped": "不变",
    "findings": "问题",
    "workbooks": "退件",
    "receipts": "回执",
    "missed_sources": "没取成的来源",
    "delivered": "已送到",
    "undelivered": "没送到",
    "sent": "已发",
}


class NightScreen:
    """Shows the steps of a night as they begin and end.

    ``seconds`` adds up how long each took.
    """

    def __init__(self, stream: int, silent: bool) -> None:
        # Of a copy, as closing the screen must leave the stream open.
        self._out = Console(
            file=os.fdopen(os.dup(stream), "w", encoding="utf-8"),
            highlight=False,
            quiet=silent,
        )
        self._bar = (
            _bar(self._out) if self._out.is_terminal and not silent else None
        )
        self._task = (
            self._bar.add_task("开始", total=len(STEPS))
            if self._bar
            else TaskID(0)
        )
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def begin(self, step: str, label: str) -> None:
        """Show that a step has begun.

        On a terminal alone, for a plain log wants only what is done.
        """
        if self._bar:
            self._bar.start()
            self._bar.update(self._task, description=_title(step, label))

    def end(self, step: str, label: str, seconds: float, facts: Facts) -> None:
        """Show that a step is done, how long it took and what it counted."""
        self.seconds[step] += seconds
        text = f"  {_title(step, label)}  {seconds:.1f} 秒{_counts(facts)}"
        # To Rich the brackets in a label would be marks of its own.
        self._out.print(printable(text), soft_wrap=True, markup=False)
        if self._bar:
            # Only what was pulled says how many batches there are to load.
            batches = (
                len(facts.get("batches", ())) - 1 if step == "pull" else 0
            )
            self._bar.update(
                self._task, advance=1, total=self._total() + batches
            )

    def say(self, text: str) -> None:
        """Show one line."""
        self._out.print(printable(text), markup=False)

    def close(self) -> None:
        """Stop whatever moves."""
        if self._bar:
            self._bar.stop()
        self._out.file.close()

    def _total(self) -> float:
        assert self._bar is not None
        return self._bar.tasks[0].total or 0


def _bar(out: Console) -> Progress:
    shown = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*shown, console=out, transient=True)


def _title(step: str, label: str) -> str:
    return f"{STEPS.get(step, step)} {label}".rstrip()


def _counts(facts: Facts) -> str:
    shown = [
        f"{name} {facts[key]}"
        for key, name in COUNTS.items()
        if facts.get(key)
    ]
    return "  " + "，".join(shown) if shown else ""


def progress(items: Iterable[T], title: str, silent: bool) -> Iterator[T]:
    """Yield ``items``, with a progress bar where someone watches."""
    console = Console(stderr=True)
    if silent or not console.is_terminal:
        yield from items
    else:
        # No thread moves the bar: some of what is watched is handed to processes that part from
        # this one.
        yield from track(
            items,
            description=title,
            console=console,
            transient=True,
            auto_refresh=False,
        )

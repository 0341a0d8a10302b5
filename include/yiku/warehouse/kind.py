"""Whether a warehouse is the demo's or a real one.

Fictitious people never count among real ones, nor the other way.
"""

from __future__ import annotations

from yiku.faults import StepError
from yiku.warehouse.connection import Connection


class MixedWarehouseError(StepError):
    """An inbox of the demo for a real warehouse, or a real inbox for the demo's."""


_REAL_INTO_DEMO = (
    "这个库里是演示的虚构人员，不能再收真实的表格。请为真实数据另用一个 YIKU_HOME（或 YIKU_WAREHOUSE_DSN），"
    "或先用 make clean 删掉演示。"
)
_DEMO_INTO_REAL = (
    "这个库里是真实人员，不能再收演示的表格。请为演示另用一个 YIKU_HOME。"
)


def settle_kind(conn: Connection, is_demo: bool) -> None:
    """Let the first inbox decide what the warehouse is.

    Raises MixedWarehouseError for one of the other kind.
    """
    # Written first and read afterwards: of two inboxes that come at once one
    # decides, and the other is held against it.
    conn.execute(
        "insert into ops.warehouse_kind (is_demo) values (%s) on conflict do nothing",
        (is_demo,),
    )
    row = conn.execute("select is_demo from ops.warehouse_kind").fetchone()
    assert row is not None
    if row[0] and not is_demo:
        raise MixedWarehouseError(_REAL_INTO_DEMO)
    if is_demo and not row[0]:
        raise MixedWarehouseError(_DEMO_INTO_REAL)

"""A contract that changes takes its filled raw table along: planned, told, done once, and nothing lost."""

import uuid
from dataclasses import replace

import pytest
from yiku.contracts.contract_files import load_contracts
from yiku.warehouse.evolution import EvolutionError
from yiku.warehouse.init import plan, prepare

LISTS = load_contracts()
L3 = LISTS["L3"]


def lists(changed=None, without=None):
    """Return all contracts, one of them changed or left out."""
    others = [
        c
        for c in LISTS.values()
        if c.code not in (without, changed.code if changed else None)
    ]
    return [*others, changed] if changed else others


def with_column(which, **changes):
    """Return L3 with one column changed."""
    return replace(
        L3,
        columns=tuple(
            replace(c, **changes) if c.name == which else c for c in L3.columns
        ),
    )


def fill(conn, column, *values):
    """Put one loaded row a value into L3."""
    for number, value in enumerate(values, 1):
        conn.execute(
            f"insert into raw.l3 (row_id, submission_id, part, row_no, fate, {column})"
            " values (%s, 1, 1, %s, 'loaded', %s)",
            (uuid.uuid4(), number, value),
        )


def held(conn, *columns):
    return conn.execute(
        f"select {', '.join(columns)} from raw.l3 order by row_no"
    ).fetchall()


def evolve(conn, contracts):
    """Plan without doing, do the same, and find nothing left to do."""
    before = held(conn, "*")
    said = prepare(conn, dry_run=True, contracts=contracts)
    assert held(conn, "*") == before
    assert prepare(conn, contracts=contracts) == said
    assert plan(conn, contracts) == []
    return said


def test_a_renamed_column_keeps_its_values_and_all_that_is_noted_of_it(
    warehouse,
):
    fill(warehouse, "job", "木工")
    warehouse.execute(
        """update raw.l3 set original = '{"job": "木 工", "phone": "1"}', quality = '{"job": "C01"}'"""
    )
    warehouse.execute(
        "create schema if not exists stg; create view stg.stg_l3 as select job from raw.l3_now"
    )
    renamed = with_column("job", name="occupation_name", formerly="job")
    assert evolve(warehouse, lists(renamed)) == [
        "原始表 raw.l3：列 job 改名为 occupation_name"
    ]
    assert held(warehouse, "occupation_name", "original", "quality") == [
        (
            "木工",
            {"occupation_name": "木 工", "phone": "1"},
            {"occupation_name": "C01"},
        )
    ]
    warehouse.execute(
        "select n.occupation_name, s.occupation_name from raw.l3_now as n, raw.l3_standing as s"
    )
    warehouse.execute("select job from stg.stg_l3")  # what is served goes on


@pytest.mark.parametrize(
    ("column", "kind", "values", "after", "kept", "told"),
    [
        (
            "wage_yuan",
            "number",
            ["3000.50", None],
            ["3000.50", None],
            [None, None],
            "1 个值照改",
        ),
        ("wage_yuan", "text", ["3000.00"], ["3000.00"], [None], "1 个值照改"),
        (
            "start_on",
            "text",
            ["2017-03-05"],
            ["2017-03-05"],
            [None],
            "1 个值照改",
        ),
        (
            "wage_yuan",
            "integer",
            ["3000.00", "2999.50"],
            ["3000", None],
            [None, {"wage_yuan": "2999.50"}],
            "1 个值照改，1 个值不合新类型，原文留在 original",
        ),
        (
            "job",
            "date",
            ["2017-03-05", "木工", "3/5/2017", "2017-02-30"],
            ["2017-03-05", None, None, None],
            [
                None,
                {"job": "木工"},
                {"job": "3/5/2017"},
                {"job": "2017-02-30"},
            ],
            "1 个值照改，3 个值不合新类型，原文留在 original",
        ),
        (
            "job",
            "money",
            ["12.345", "1e3"],
            [None, "1000.00"],
            [{"job": "12.345"}, None],
            "1 个值照改，1 个值不合新类型",
        ),
        (
            "job",
            "bool",
            ["是", "木工"],
            ["true", None],
            [None, {"job": "木工"}],
            "1 个值照改，1 个值不合新类型",
        ),
    ],
)
def test_values_that_fit_a_new_type_are_changed_and_the_others_kept(
    warehouse, column, kind, values, after, kept, told
):
    fill(warehouse, column, *values)
    said = evolve(warehouse, lists(with_column(column, kind=kind, codes=None)))
    assert len(said) == 1
    assert told in said[0]
    rows = held(warehouse, f"{column}::text", "original")
    assert [row[0] for row in rows] == after
    assert [row[1] for row in rows] == kept
    warehouse.execute(f"select {column} from raw.l3_now")


def test_one_choice_becomes_several_and_several_become_one_where_there_is_one(
    warehouse,
):
    fill(warehouse, "job", "木工", None)
    evolve(warehouse, lists(with_column("job", many=True)))
    assert held(warehouse, "job") == [(["木工"],), (None,)]
    warehouse.execute(
        "update raw.l3 set job = array['木工', '瓦工'] where row_no = 2"
    )
    evolve(warehouse, lists())
    assert held(warehouse, "job", "original") == [
        ("木工", None),
        (None, {"job": "{木工,瓦工}"}),
    ]


def test_the_clerks_own_text_is_kept_rather_than_what_was_made_of_it(
    warehouse,
):
    fill(warehouse, "wage_yuan", "2999.50")
    warehouse.execute(
        """update raw.l3 set original = '{"wage_yuan": "两千九百九十九块五"}'"""
    )
    evolve(warehouse, lists(with_column("wage_yuan", kind="integer")))
    assert held(warehouse, "original") == [
        ({"wage_yuan": "两千九百九十九块五"},)
    ]


def test_a_column_that_is_gone_keeps_what_it_holds_and_may_come_back(
    warehouse,
):
    fill(warehouse, "job", "木工")
    without = replace(
        L3, columns=tuple(c for c in L3.columns if c.name != "job")
    )
    assert evolve(warehouse, lists(without)) == [
        "原始表 raw.l3：列 job 已不在契约中，数据保留"
    ]
    assert held(warehouse, "job") == [("木工",)]
    assert evolve(warehouse, lists()) == [
        "原始表 raw.l3：列 job 重新启用，原有数据都在"
    ]
    assert held(warehouse, "job") == [("木工",)]


def test_a_list_that_is_gone_keeps_its_rows_and_nobody_is_asked_for_it(
    warehouse,
):
    fill(warehouse, "job", "木工")
    said = evolve(warehouse, lists(without="L3"))
    assert said == [
        "名单 L3 已没有契约：原始表 raw.l3 保留，不再催报",
        "更新代码表用语",
    ]
    assert held(warehouse, "job") == [("木工",)]
    assert warehouse.execute(
        "select count(*) from ops.list_duty where code = 'L3'"
    ).fetchone() == (0,)
    assert "原始表 raw.l3：名单重新启用，原有数据都在" in evolve(
        warehouse, lists()
    )
    assert warehouse.execute(
        "select count(*) from ops.list_duty where code = 'L3'"
    ).fetchone() == (1,)


def test_views_of_dbts_lower_layers_give_way_and_other_peoples_views_are_not_taken_away(
    warehouse,
):
    fill(warehouse, "wage_yuan", "3000")
    warehouse.execute(
        "create schema if not exists stg; create view stg.stg_l3 as select wage_yuan from raw.l3_now"
    )
    warehouse.execute("create view core.int_wages as select * from stg.stg_l3")
    warehouse.execute(
        "create view stg.every_l3 as select wage_yuan from raw.l3"
    )
    warehouse.execute(
        "create view core.counted_l3 as select wage_yuan from stg.every_l3"
    )
    evolve(warehouse, lists(with_column("wage_yuan", kind="number")))
    for view in (
        "stg.stg_l3",
        "stg.every_l3",
        "core.int_wages",
        "core.counted_l3",
    ):  # the next build makes them anew
        assert warehouse.execute(
            "select to_regclass(%s)", (view,)
        ).fetchone() == (None,)
    warehouse.execute(
        "create view public.of_an_analyst as select wage_yuan from raw.l3_now"
    )
    before = held(warehouse, "wage_yuan")
    with pytest.raises(
        EvolutionError, match=r"raw\.l3_now 上另有视图 of_an_analyst"
    ):
        prepare(warehouse, contracts=lists())
    assert held(warehouse, "wage_yuan") == before


def test_a_new_column_beside_a_renamed_one_is_added(warehouse):
    fill(warehouse, "job", "木工")
    renamed = with_column("job", name="occupation_name", formerly="job")
    grown = replace(
        renamed,
        columns=(
            *renamed.columns,
            replace(L3.column("job"), name="brand_new", header="新列"),
        ),
    )
    said = evolve(warehouse, lists(grown))
    assert said == [
        "原始表 raw.l3：列 job 改名为 occupation_name",
        "原始表 raw.l3：增加 1 列",
    ]
    assert held(warehouse, "occupation_name", "brand_new") == [("木工", None)]

"""The skeleton of a list: refused where it cannot be, and in step with what it copies."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from yiku.new_list import (
    NEXT_STEPS,
    NewList,
    NewListError,
    next_steps,
    write_list,
)
from yiku.settings import load_settings

ROOT = Path(__file__).parents[2]
WANTED = NewList("N05", "healthy_pond", "健康池塘登记表", "programmes")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"code": "n05"}, "名单代码"),
        ({"code": "L1"}, "已有代码为 L1"),
        ({"code": "T02B"}, "名单代码"),
        ({"name": "Healthy Pond"}, "--name"),
        ({"name": "meeting"}, "E13 已经叫 meeting"),
        ({"name": "one_db"}, "已有模型 one_db"),
        ({"title": "ponds"}, "--title"),
        ({"area": "../elsewhere"}, "--area"),
    ],
)
def test_a_list_that_cannot_be_is_refused_before_anything_is_written(
    wrong, says
):
    with pytest.raises(NewListError, match=re.escape(says)):
        write_list(load_settings({}), replace(WANTED, **wrong))
    assert not (ROOT / "include/yiku/contracts/N05.odcs.yaml").exists()


def test_what_is_no_checkout_is_refused(tmp_path):
    settings = replace(load_settings({}), project_root=tmp_path)
    with pytest.raises(NewListError, match="不是源码目录"):
        write_list(settings, WANTED)
    assert not list(tmp_path.iterdir())


def test_the_headers_of_a_skeleton_begin_with_what_the_list_is_about():
    assert WANTED.words["subject"] == "健康池塘"
    assert replace(WANTED, title="池塘帮工名单").words["subject"] == "池塘帮工"


def test_the_next_steps_name_the_files_that_are_written():
    steps = "\n".join(next_steps(WANTED))
    assert len(steps.splitlines()) == len(NEXT_STEPS)
    assert all(Path(path).name in steps for path in WANTED.paths().values())


@pytest.mark.parametrize("kind", ["place", "person"])
def test_columns_that_all_marts_share_are_described_as_in_the_others(kind):
    written = (ROOT / f"include/yiku/skeleton/{kind}/mart.yml").read_text(
        "utf-8"
    )
    marts = ROOT / "dbt_project/models/marts/programmes/_programmes.yml"
    shared = set(re.findall(r"- &\w+ (\{.+\})", marts.read_text("utf-8")))
    own = re.compile(r"\{name: (record_no|held_on|content),")
    for column in re.findall(r"- (\{name: .+\})", written):
        assert column in shared or own.match(column), column

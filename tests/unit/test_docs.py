"""The documentation names what is there."""

import re
from datetime import date
from pathlib import Path

import pytest
import yiku
from yiku.checking import expectations
from yiku.checking.expectations import RowExpectation
from yiku.settings import load_settings

ROOT = load_settings({}).project_root
PLACES = (ROOT, ROOT / "include" / "yiku", ROOT / "docs")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_PATH = re.compile(r"`([\w./]+(?:\.(?:py|sql|yml|toml|md|csv)|/))`")
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


def _named(page: Path) -> set[str]:
    text = page.read_text("utf-8")
    return {
        name
        for name in _PATH.findall(text)
        if "/" in name and not name.startswith(("/", "."))
    }


@pytest.mark.parametrize(
    "page",
    [ROOT / "docs/architecture.md", ROOT / "CONTRIBUTING.md"],
    ids=lambda p: p.name,
)
def test_every_file_that_a_page_names_is_there(page):
    missing = {
        name
        for name in _named(page)
        if not any((place / name).exists() for place in PLACES)
    }
    assert not missing
    assert len(_named(page)) > 3


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_leads_somewhere(page):
    links = _LINK.findall(page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_reference_names_every_property_and_every_expectation():
    page = (ROOT / "docs/contracts.md").read_text("utf-8")
    contracts = "".join(
        p.read_text("utf-8")
        for p in (ROOT / "include/yiku/contracts").glob("*.yaml")
    )
    properties = set(re.findall(r"property: (\w+)", contracts))
    rows = [
        c
        for c in vars(expectations).values()
        if isinstance(c, type) and issubclass(c, RowExpectation)
    ]
    own = [c for c in rows if c is not RowExpectation]
    types = {re.sub(r"(?<!^)(?=[A-Z])", "_", c.__name__).lower() for c in own}
    arguments = {name for c in own for name in c.__annotations__} - {
        "value_columns"
    }
    assert len(properties) > 25
    assert len(types) > 12
    assert {
        name
        for name in properties | types | arguments
        if f"`{name}`" not in page and f"{name}`" not in page
    } == set()


def test_the_version_is_the_newest_release_of_the_changelog():
    headings = re.findall(
        r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M
    )
    assert headings[0] == "Unreleased"
    version, day = headings[1].split(", ")
    assert version == yiku.__version__
    assert date.fromisoformat(day)

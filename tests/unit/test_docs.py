"""The documentation names what is there."""

import re
from pathlib import Path

import pytest
from yiku.settings import load_settings

ROOT = load_settings({}).project_root
PLACES = (ROOT, ROOT / "include" / "yiku", ROOT / "docs")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_PATH = re.compile(r"`([\w./]+(?:\.(?:py|sql|yml|toml|md|csv)|/))`")
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


def _named(page: Path) -> set[str]:
    text = page.read_text("utf-8")
    return {name for name in _PATH.findall(text) if "/" in name and not name.startswith(("/", "."))}


@pytest.mark.parametrize("page", [ROOT / "docs/architecture.md", ROOT / "CONTRIBUTING.md"], ids=lambda p: p.name)
def test_every_file_that_a_page_names_is_there(page):
    missing = {name for name in _named(page) if not any((place / name).exists() for place in PLACES)}
    assert not missing
    assert len(_named(page)) > 3


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_leads_somewhere(page):
    links = _LINK.findall(page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []

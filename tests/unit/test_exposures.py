"""Who reads the marts: each reader has an exposure, and each exposure tells what is read."""

import ast
import inspect
import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from yiku.dbt_docs import write_docs
from yiku.notices import facts
from yiku.notices.kinds import load_kinds
from yiku.settings import load_settings

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "include/yiku"
MODELS = ROOT / "dbt_project/models"
EXPOSURES = {
    entry["name"]: entry
    for entry in yaml.safe_load((MODELS / "exposures.yml").read_text("utf-8"))[
        "exposures"
    ]
}
NAMES = {path.stem for path in MODELS.rglob("*.sql")}
# One relation of dbt's, by its schema of today or by that of the build.
_RELATION = re.compile(r"\b(?:mart|published|core)(?:_shadow)?\.([a-z0-9_]+)")


def read_by(exposure: str) -> set[str]:
    return set(
        re.findall(r"'(\w+)'", " ".join(EXPOSURES[exposure]["depends_on"]))
    )


class Listener:
    """Stands for a connection: it answers nothing and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def execute(self, query: object, parameters: object = None) -> "Listener":
        self.asked.append(str(query))
        return self

    def __iter__(self):
        return iter(())

    def fetchall(self) -> list[object]:
        return []


def asked_of_marts(ask) -> set[str]:
    """Return the marts that one question of the digests reads."""
    listener = Listener()
    list(ask(listener, date(2017, 11, 20)))
    return set(_RELATION.findall("\n".join(listener.asked))) & NAMES


def told_by(ask) -> set[str]:
    """Return the kinds of facts that one question of the digests yields."""
    words = ast.walk(ast.parse(inspect.getsource(ask)))
    texts = {word.value for word in words if isinstance(word, ast.Constant)}
    return texts & load_kinds().by_name.keys()


@pytest.mark.parametrize(
    ("mart", "ask"), facts._MARTS, ids=[mart for mart, _ in facts._MARTS]
)
def test_a_digest_that_reads_marts_has_an_exposure_that_names_them(mart, ask):
    marts, kinds = asked_of_marts(ask), told_by(ask)
    assert mart in marts
    assert kinds
    for kind in kinds:
        assert read_by(f"digest_{kind}") == marts


def test_no_exposure_is_of_a_digest_that_there_is_not():
    told = set().union(*(told_by(ask) for _, ask in facts._MARTS))
    of_digests = {name for name in EXPOSURES if name.startswith("digest_")}
    assert of_digests == {f"digest_{kind}" for kind in told}


def relations_named(path: Path) -> set[str]:
    """Return the models of dbt that the texts of a module name as relations."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= set(_RELATION.findall(node.value)) & NAMES
    return found


def test_nothing_in_the_package_reads_a_model_that_no_exposure_names():
    named = {m for p in PACKAGE.rglob("*.py") for m in relations_named(p)}
    exposed = {model for name in EXPOSURES for model in read_by(name)}
    # Comments and docstrings name this one: it is shown to readers of the warehouse.
    assert named - exposed <= {"person_history"}
    assert len(named) > 15


def test_the_page_of_a_night_shows_every_list():
    lists = {path.stem for path in (MODELS / "marts/lists").glob("list_*.sql")}
    assert lists | {"one_db"} <= read_by("night_page")


def test_every_published_table_is_on_the_boards():
    published = {path.stem for path in (MODELS / "published").glob("*.sql")}
    assert read_by("published_boards") == published


@pytest.mark.parametrize("name", EXPOSURES)
def test_an_exposure_says_whose_it_is_in_both_languages(name):
    entry = EXPOSURES[name]
    assert read_by(name) <= NAMES
    for text in (
        entry["description"],
        entry["owner"]["name"] + entry["label"],
    ):
        assert re.search("[一-鿿]", text)
    assert re.search("[a-z]{3}", entry["description"])
    assert re.search("[a-z]{3}", entry["owner"]["name"])


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("docs")
    settings = load_settings({"YIKU_HOME": str(folder / "home")})
    path = write_docs(settings, folder / "out")
    assert (
        not settings.home.exists()
    )  # neither a database nor a place of its own
    return path.read_text("utf-8")


def test_the_documentation_is_one_page_that_asks_no_network(page):
    assert '"digest_conflict"' in page
    assert "INLINE DATA" not in page
    loaded = re.findall(
        r'<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]+)"', page
    )
    assert [link for link in loaded if link.startswith(("http", "//"))] == []
    # dbt's page would report its readers if the project did not forbid it
    assert '"send_anonymous_usage_stats": false' in page


def test_the_documentation_holds_no_number_of_a_person_and_no_path_of_the_machine(
    page,
):
    data = page[page.index('"dbt_schema_version"') :]
    assert not re.search(r"(?<!\d)[1-6]\d{5}(?:19|20)\d{9}[\dXx](?!\d)", data)
    assert str(ROOT) not in data

"""How the code reads: the counts, on sources whose figures are known, and the aims."""

import pytest

from benchmarks.figures import Counts, Figure, code_figures, layer_figures

SOURCE = '''"""A module."""

# A comment says why.
def total(xs, factor):
    n = sum(xs) * factor  # and another
    return n
'''


def test_nodes_names_and_comments_are_counted_by_line():
    counts = Counts()
    counts.add(SOURCE)
    assert counts.lines == 5
    assert counts.comments == 2
    assert counts.function_lengths == [3]
    assert (counts.names, counts.short_names) == (3, 2)  # xs, factor, n
    # docstring 2; def 1; assignment: itself, n, sum(xs) * factor, sum(xs), sum, xs, factor; return n 2
    assert counts.nodes == 12


@pytest.mark.parametrize(
    ("value", "is_least", "met"),
    [(4, False, True), (5, False, False), (5, True, True)],
)
def test_an_aim_is_a_most_or_a_least(value, is_least, met):
    assert Figure("a", value, 4, is_least).is_met is met


def _model(name, layer, *folders, on=(), description=""):
    return {
        "resource_type": "model",
        "name": name,
        "fqn": ["yiku", layer, *folders, name],
        "depends_on": {"nodes": list(on)},
        "description": description,
    }


def test_layers_are_read_from_the_manifest():
    nodes = [
        _model("stg_l1", "staging", on=["source.yiku.raw.l1"]),
        _model("stg_l2", "staging", on=["model.yiku.stg_l1"]),
        _model(
            "int_work__spell", "intermediate", "work", description="spells"
        ),
        _model("spell", "intermediate"),
    ]
    figures = layer_figures(
        {"nodes": {str(n): node for n, node in enumerate(nodes)}}
    )
    assert [figure.value for figure in figures] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "figure", code_figures(), ids=lambda figure: figure.name
)
def test_the_package_reads_as_it_should(figure):
    bound = "at least" if figure.is_least else "at most"
    assert figure.is_met, (
        f"{figure.name}: {figure.value}, {bound} {figure.aim}"
    )

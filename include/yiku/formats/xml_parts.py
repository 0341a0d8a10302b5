"""XML from strangers: parsed without entities, without network, without deep or huge trees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from yiku.formats.cells import RefusedError


def parse_xml(data: bytes) -> Any:
    """Return the root of an XML document. F06 when it is not well formed."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        # The parser's own words when it may take no more.
        if "emory" in str(error):
            raise MemoryError from error
        raise RefusedError("F06", why="xml") from error


def local(node: Any) -> str:
    """Return a node's name without its namespace; '' for comments and the like."""
    tag = node.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2]


def attribute(node: Any, name: str) -> str | None:
    """Return the attribute called ``name`` in whatever namespace it stands."""
    for key, value in node.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return None


def children(node: Any, name: str) -> Iterator[Any]:
    """Yield the children called ``name``, namespaces ignored."""
    return (child for child in node if local(child) == name)


def descendants(node: Any, name: str) -> Iterator[Any]:
    """Yield the nodes called ``name`` anywhere below, namespaces ignored."""
    return (child for child in node.iter() if local(child) == name)


def first(node: Any, *path: str) -> Any | None:
    """Return the first node at the end of a path of child names, or None."""
    for name in path:
        node = next(children(node, name), None)
        if node is None:
            return None
    return node

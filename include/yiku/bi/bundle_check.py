"""What can be said against a bundle without a server: Superset's importer takes most of it without a word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from yiku.bi.bundle_parts import (
    FOLDERS,
    BundleParts,
    Fault,
    Tables,
    outside_addresses,
    parse_bundle,
)
from yiku.bi.chart_faults import METRIC_CONTROLS, chart_faults
from yiku.bi.dashboard_faults import dashboard_faults
from yiku.bi.dataset_faults import database_faults, dataset_faults


def bundle_faults(
    files: Mapping[str, str], written: Mapping[str, str], tables: Tables
) -> list[Fault]:
    """Return what is wrong with a bundle's files.

    ``written`` is what the declaration gives today: a file that says something else was changed by hand or not written
    anew, whatever else can be said against it.
    """
    parts, faults = parse_bundle(files)
    right, _ = parse_bundle(written)
    faults += _misshapen(parts, right)
    faults += database_faults(parts)
    faults += dataset_faults(parts, tables)
    faults += chart_faults(parts)
    faults += dashboard_faults(parts)
    faults += _shape_faults(parts, right)
    faults += _outside_faults(parts)
    faults += _drift(files, written)
    return faults


def _misshapen(parts: BundleParts, right: BundleParts) -> list[Fault]:
    """Take out of the parts, and tell of, what is not built like our own file of that name."""
    faults = []
    for folder in FOLDERS:
        found = parts.of_folder(folder)
        for name, model in right.of_folder(folder).items():
            wrong = _other_shape(found.get(name), model)
            if wrong:
                faults.append(Fault(name, f"{wrong} 的写法不对"))
                del found[name]
    return faults


def _other_shape(found: object, model: object, place: str = "") -> str:
    """Return the first place at which something is of another kind than in a model; an empty text where nothing is."""
    if found is None or model is None:
        return ""
    if isinstance(model, Mapping) and isinstance(found, Mapping):
        for key in model.keys() & found.keys():
            wrong = _other_shape(found[key], model[key], str(key))
            if wrong:
                return wrong
        return ""
    if isinstance(model, list) and isinstance(found, list):
        # Lists of things are all of one kind.
        for one in found if model else ():
            wrong = _other_shape(one, model[0], place)
            if wrong:
                return wrong
        return ""
    # A measure is named, or written out.
    if place in METRIC_CONTROLS and isinstance(found, str | Mapping):
        return ""
    is_number = isinstance(model, int | float) and isinstance(
        found, int | float
    )
    return "" if is_number or type(found) is type(model) else place


def _shape_faults(parts: BundleParts, right: BundleParts) -> Iterable[Fault]:
    """Yield words that Superset's importer does not take, or misses: those of our own files are right."""
    for folder in FOLDERS:
        models = list(right.of_folder(folder).values())
        if not models:
            continue
        words = set(models[0])
        for name, part in parts.of_folder(folder).items():
            for word in sorted(words - part.keys()):
                yield Fault(name, f"缺少 {word}")
            for word in sorted(part.keys() - words):
                yield Fault(name, f"{word} 不认识")


def _outside_faults(parts: BundleParts) -> Iterable[Fault]:
    for folder in FOLDERS:
        for name, part in parts.of_folder(folder).items():
            for _ in outside_addresses(part):
                yield Fault(name, "里面有别的主机的地址")


def _drift(
    files: Mapping[str, str], written: Mapping[str, str]
) -> Iterable[Fault]:
    for name in sorted(files.keys() | written.keys()):
        if files.get(name) == written.get(name):
            continue
        if name not in files:
            yield Fault(name, "没有这个文件，请运行 make bi-bundle")
        elif name not in written:
            yield Fault(
                name, "dashboards.yml 里已没有它，请运行 make bi-bundle"
            )
        else:
            yield Fault(
                name,
                "与 dashboards.yml 和主题表的说明不一致，请运行 make bi-bundle",
            )

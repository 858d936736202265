"""YAML files in which no name stands twice: the second value would replace the first in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

__all__ = ["parse_yaml", "read_yaml"]


def parse_yaml(text: str) -> Any:
    """Return what a text in YAML holds.

    Raises:
        YAMLError: It is no YAML.
        ValueError: A name stands twice, or a date does not exist.
        RecursionError: Its lists lie too deep in each other.
    """
    _require_single_names(yaml.compose(text, yaml.SafeLoader), set())
    return yaml.safe_load(text)


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds.

    Raises:
        OSError: It cannot be read.
        YAMLError: As `parse_yaml`, and so are the next two.
        ValueError: See there.
        RecursionError: See there.
    """
    return parse_yaml(path.read_text(encoding="utf-8"))


def _require_single_names(node: yaml.Node | None, seen: set[int]) -> None:
    """Refuse a mapping that names something twice, wherever it lies.

    Args:
        node: What is looked through.
        seen: Nodes that were looked through before: an alias may lead back to one.
    """
    if not isinstance(node, yaml.CollectionNode) or id(node) in seen:
        return
    seen.add(id(node))
    if not isinstance(node, yaml.MappingNode):
        for each in node.value:
            _require_single_names(each, seen)
        return
    lines: dict[str, int] = {}
    for name, value in node.value:
        _require_single_names(value, seen)
        if not isinstance(name, yaml.ScalarNode):
            continue
        line = name.start_mark.line + 1
        if name.value in lines:
            raise ValueError(f"'{name.value}' stands in it twice, in lines {lines[name.value]} and {line}")
        lines[name.value] = line

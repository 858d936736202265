"""YAML files in which no name stands twice: the second value would replace the first in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

__all__ = ["parse_yaml", "read_yaml"]


class _Loader(yaml.SafeLoader):
    """Refuses a mapping that names something twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the names and values of a mapping.

        Raises:
            ValueError: A name stands in it twice.
        """
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            line = key.start_mark.line + 1
            if key.value in lines:
                raise ValueError(f"'{key.value}' stands in it twice, in lines {lines[key.value]} and {line}")
            lines[key.value] = line
        return super().construct_mapping(node, deep)


def parse_yaml(text: str) -> Any:
    """Return what a text in YAML holds.

    Raises:
        YAMLError: It is no YAML.
        ValueError: A name stands twice, or a date does not exist.
        RecursionError: Its lists lie too deep in each other.
    """
    return yaml.load(text, _Loader)  # noqa: S506 (a SafeLoader)


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds.

    Raises:
        OSError: It cannot be read.
        YAMLError: As `parse_yaml`, and so are the next two.
        ValueError: See there.
        RecursionError: See there.
    """
    return parse_yaml(path.read_text(encoding="utf-8"))

"""Matrix products in 8 bits made products of floats, when a network is loaded.

Weights of 8 bits take a quarter of the place, but products in 8 bits also round what goes through the network,
layer after layer, and a last digit decides which way: noise of a millionth of the sound moves what Moonshine's encoder
says by 3 %, and so does another processor. With the same weights as floats it moves by two millionths.

Networks come in the ORT format, a flatbuffer; ONNX Runtime takes a changed one as ONNX, a protocol buffer.
Only what is needed of both formats is here, for nobody should need the package onnx to hear.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["dequantised"]

_PRODUCTS: Final = {"DynamicQuantizeMatMul": (1, 2, 3, 4), "MatMulIntegerToFloat": (1, 3, 5, 6)}
"""Products in 8 bits: which of their inputs are the weights, the scale and zero point of those, and what is added."""

_ROUNDING: Final = "DynamicQuantizeLinear"
_IDENTIFIER: Final = b"ORTM"
_TYPES: Final = {1: np.float32, 2: np.uint8, 3: np.int8}
# Kinds of attributes; 1 is the number of floats among types of tensors too.
_FLOAT, _INTEGER, _TEXT, _TENSOR, _NETWORK, _FLOATS, _INTEGERS, _TEXTS = range(1, 9)


def dequantised(path: Path) -> tuple[bytes, dict[str, NDArray[np.float32]]] | None:
    """Return a network as ONNX, with float weights where it multiplied matrices in 8 bits.

    Args:
        path: The network in ORT format.

    Returns:
        The network, and by name the float weights, which it names only: that spares the memory of several copies.
        None where it is in another format, has no such product, or has branches.
    """
    content = path.read_bytes()
    if content[4:8] != _IDENTIFIER:
        return None
    model = _Table.root(content).table(1)
    graph = model.table(7)
    nodes = [_Node.read(table) for table in graph.tables(2)]
    tensors = {table.text(0): table for table in graph.tables(0)}
    if any(node.branches for node in nodes) or not any(node.operator in _PRODUCTS for node in nodes):
        return None
    floats: dict[str, NDArray[np.float32]] = {}
    nodes = list(_in_order(_in_floats(nodes, tensors, floats)))
    used = {name for node in nodes for name in node.inputs}
    ports = {table.text(0): table for table in graph.tables(1)}
    whole = _message(
        *((1, node.written()) for node in nodes),
        (2, "dequantised"),
        *((5, _copied_tensor(table)) for name, table in tensors.items() if name in used),
        *((5, _named_tensor(name, values.shape)) for name, values in floats.items()),
        *((11, _port(ports[name])) for name in graph.texts(5) if name not in tensors),
        *((12, _port(ports[name])) for name in graph.texts(6)),
    )
    operators = [(8, _message((1, table.text(0)), (2, table.number(1, "<q")))) for table in model.tables(1)]
    return _message((1, model.number(0, "<q")), (7, whole), *operators), floats


@dataclass(frozen=True)
class _Node:
    """An operation of a network."""

    operator: str
    domain: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    attributes: Sequence[bytes] = ()
    """As ONNX writes them."""
    branches: bool = False
    """Whether it chooses among networks of its own."""

    @classmethod
    def read(cls, table: _Table) -> _Node:
        attributes = list(table.tables(10))
        return cls(
            operator=table.text(5),
            domain=table.text(2),
            inputs=table.texts(8),
            outputs=table.texts(9),
            attributes=[_attribute(attribute) for attribute in attributes],
            branches=any(attribute.number(2, "<i") == _NETWORK for attribute in attributes),
        )

    def written(self) -> bytes:
        return _message(
            *((1, name) for name in self.inputs),
            *((2, name) for name in self.outputs),
            (4, self.operator),
            *((5, attribute) for attribute in self.attributes),
            (7, self.domain),
        )


def _in_floats(
    nodes: Iterable[_Node], tensors: dict[str, _Table], floats: dict[str, NDArray[np.float32]]
) -> Iterator[_Node]:
    """Yield the operations of the changed network, and put its new weights into `floats`."""
    changed: list[_Node] = []
    kept: list[_Node] = []
    for node in nodes:
        places = _PRODUCTS.get(node.operator, ())[:3]
        (changed if places and all(_at(node.inputs, place) in tensors for place in places) else kept).append(node)
    before_rounding = {node.outputs[0]: node.inputs[0] for node in kept if node.operator == _ROUNDING}
    used = {name for node in kept for name in node.inputs}
    for node in kept:
        if node.operator != _ROUNDING or used.intersection(node.outputs):
            yield node
    for node in changed:
        weights, scale, zero, added = (_at(node.inputs, place) for place in _PRODUCTS[node.operator])
        name = f"{weights}_float"
        floats[name] = (_values(tensors[weights]) - _values(tensors[zero])) * _values(tensors[scale])
        entering = before_rounding.get(node.inputs[0], node.inputs[0])
        product = f"{node.outputs[0]}_product" if added else node.outputs[0]
        yield _Node("MatMul", "", (entering, name), (product,))
        if added:
            yield _Node("Add", "", (product, added), node.outputs)


def _at(names: Sequence[str], place: int) -> str:
    return names[place] if place < len(names) else ""


def _values(table: _Table) -> NDArray[np.float32]:
    values = np.frombuffer(table.vector(4, 1), _TYPES[table.number(3, "<i")])
    return values.astype(np.float32).reshape(table.integers(2))


def _in_order(nodes: Iterable[_Node]) -> Iterator[_Node]:
    """Yield each operation after those that feed it, as ONNX wants and the ORT format does not."""
    nodes = list(nodes)
    maker = {name: index for index, node in enumerate(nodes) for name in node.outputs}
    needs = {index: {maker[name] for name in node.inputs if name and name in maker} for index, node in enumerate(nodes)}
    for index in TopologicalSorter(needs).static_order():
        yield nodes[index]


def _attribute(table: _Table) -> bytes:
    """Return an attribute as ONNX writes it; one that is a network comes without it."""
    kind = table.number(2, "<i")
    values: list[tuple[int, Any]] = []
    if kind == _FLOAT:
        values = [(2, float(table.number(3, "<f")))]
    elif kind == _INTEGER:
        values = [(3, table.number(4, "<q"))]
    elif kind == _TEXT:
        values = [(4, table.text(5))]
    elif kind == _TENSOR:
        values = [(5, _copied_tensor(table.table(6)))]
    elif kind == _FLOATS:
        values = [(7, table.vector(8, 4))]
    elif kind == _INTEGERS:
        values = [(8, value) for value in table.integers(9)]
    elif kind == _TEXTS:
        values = [(9, text) for text in table.texts(10)]
    return _message((1, table.text(0)), *values, (20, kind))


def _copied_tensor(table: _Table) -> bytes:
    shape = ((1, length) for length in table.integers(2))
    return _message(*shape, (2, table.number(3, "<i")), (8, table.text(0)), (9, table.vector(4, 1)))


def _named_tensor(name: str, shape: Sequence[int]) -> bytes:
    """Return a tensor of floats whose values come from elsewhere."""
    elsewhere = _message((1, "location"), (2, "memory"))
    return _message(*((1, length) for length in shape), (2, _FLOAT), (8, name), (13, elsewhere), (14, 1))


def _port(table: _Table) -> bytes:
    """Return the name, type and shape of what goes into a network or comes out."""
    tensor = table.table(2).table(2)
    lengths = [length.table(0) for length in tensor.table(1).tables(0)]
    # A length has a name, or else is a number.
    shape = [_message((2, each.text(2)) if each.text(2) else (1, each.number(1, "<q"))) for each in lengths]
    kind = _message((1, tensor.number(0, "<i")), (2, _message(*((1, length) for length in shape))))
    return _message((1, table.text(0)), (2, _message((1, kind))))


class _Table:
    """A table of a flatbuffer: fields by their number, each a place in the file or absent.

    Args:
        content: The file.
        start: Where the table begins.
    """

    def __init__(self, content: bytes, start: int) -> None:
        self._content = content
        self._start = start
        self._fields = start - self._read("<i", start)
        self._size = self._read("<H", self._fields)

    @classmethod
    def root(cls, content: bytes) -> _Table:
        """Return the table that holds all others."""
        return cls(content, struct.unpack_from("<I", content)[0])

    def number(self, field: int, layout: str) -> Any:
        """Return a number, 0 where it is absent.

        Args:
            field: Its number.
            layout: As `struct` writes it.
        """
        place = self._place(field)
        return self._read(layout, place) if place else 0

    def table(self, field: int) -> _Table:
        """Return a table within."""
        return _Table(self._content, self._pointed(self._place(field)))

    def tables(self, field: int) -> list[_Table]:
        """Return a list of tables; empty where it is absent."""
        return [_Table(self._content, self._pointed(place)) for place in self._elements(field)]

    def text(self, field: int) -> str:
        """Return a text; empty where it is absent."""
        return self.vector(field, 1).decode()

    def texts(self, field: int) -> list[str]:
        """Return a list of texts."""
        return [self._bytes(self._pointed(place), 1).decode() for place in self._elements(field)]

    def integers(self, field: int) -> list[int]:
        """Return a list of integers of 64 bits."""
        content = self.vector(field, 8)
        return list(struct.unpack(f"<{len(content) // 8}q", content))

    def vector(self, field: int, size: int) -> bytes:
        """Return a list of numbers as it is stored; empty where it is absent.

        Args:
            field: Its number.
            size: Bytes of each.
        """
        place = self._place(field)
        return self._bytes(self._pointed(place), size) if place else b""

    def _place(self, field: int) -> int:
        entry = 4 + 2 * field
        offset = self._read("<H", self._fields + entry) if entry < self._size else 0
        return self._start + offset if offset else 0

    def _pointed(self, place: int) -> int:
        return place + int(self._read("<I", place))

    def _elements(self, field: int) -> range:
        place = self._place(field)
        if not place:
            return range(0)
        first = self._pointed(place)
        return range(first + 4, first + 4 + 4 * self._read("<I", first), 4)

    def _bytes(self, place: int, size: int) -> bytes:
        return self._content[place + 4 : place + 4 + size * self._read("<I", place)]

    def _read(self, layout: str, place: int) -> Any:
        return struct.unpack_from(layout, self._content, place)[0]


def _message(*fields: tuple[int, int | float | str | bytes]) -> bytes:
    """Return a message of a protocol buffer: integers, floats, texts and messages by the number of their field."""
    parts: list[bytes] = []
    for field, value in fields:
        if isinstance(value, int):
            parts += [_integer(field << 3), _integer(value)]
        elif isinstance(value, float):
            parts += [_integer(field << 3 | 5), struct.pack("<f", value)]
        else:
            content = value.encode() if isinstance(value, str) else value
            parts += [_integer(field << 3 | 2), _integer(len(content)), content]
    return b"".join(parts)


def _integer(value: int) -> bytes:
    """Return an integer in groups of seven bits, the lowest first; negative ones as 64 bits."""
    value &= (1 << 64) - 1
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])

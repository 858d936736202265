"""Catalogues of named entries: they find an entry by what a person types, and list the choices for an unknown name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar, overload

from pipeline.core.errors import UnknownName
from pipeline.core.spelling import did_you_mean

__all__ = ["Catalogue", "Named"]


class Named(Protocol):
    """Anything with a name; it may also have a tuple `aliases` of other names."""

    @property
    def name(self) -> str:
        """What a person types, in lower case."""
        ...


Entry = TypeVar("Entry", bound=Named, covariant=True)


class Catalogue(Sequence[Entry]):
    """Entries in order of preference.

    Args:
        unknown: Beginning of the message about an unknown name, such as `There is no corpus`.
        entries: The entries.
        choices: The hint of that message; `{}` stands for the names.

    Raises:
        ValueError: Two entries have one name.
    """

    def __init__(self, unknown: str, *entries: Entry, choices: str = "Choose one of {}.") -> None:
        self._unknown, self._entries, self._choices = unknown, entries, choices
        self._by_name: dict[str, Entry] = {}
        for entry in entries:
            for name in (entry.name, *getattr(entry, "aliases", ())):
                if name.casefold() in self._by_name:
                    raise ValueError(f"Two entries have one name: {name}.")
                self._by_name[name.casefold()] = entry

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        return self._entries[index]

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def names(self) -> tuple[str, ...]:
        """The names, without aliases, in order."""
        return tuple(entry.name for entry in self._entries)

    def find(self, name: str) -> Entry:
        """Return the entry with a name or alias, in any case.

        Raises:
            UnknownName: There is none; the hint gives the nearest name and all choices.
        """
        found = self._by_name.get(name.casefold())
        if found is not None:
            return found
        hint = did_you_mean(name, self._by_name, likeness=0.6)
        raise UnknownName(f"{self._unknown} '{name}'.", hint=hint + self._choices.format(", ".join(self.names)))

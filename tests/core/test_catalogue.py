"""What a person types is found, and what nobody knows is answered with the choices."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pipeline.core.catalogue import Catalogue
from pipeline.core.errors import UnknownName


@dataclass(frozen=True)
class Fruit:
    name: str
    aliases: tuple[str, ...] = ()


FRUIT = Catalogue("There is no fruit", Fruit("apple"), Fruit("pear", ("birne",)))


@pytest.mark.parametrize(("name", "found"), [("apple", 0), ("Pear", 1), ("BIRNE", 1)])
def test_a_name_is_found_in_any_case(name, found):
    assert FRUIT.find(name) is FRUIT[found]


def test_an_unknown_name_is_answered_with_the_choices():
    with pytest.raises(UnknownName, match=r"There is no fruit 'plum'\. Choose one of apple, pear\.$"):
        FRUIT.find("plum")
    with pytest.raises(UnknownName, match="Did you mean apple"):
        FRUIT.find("aple")


def test_it_is_a_sequence_in_order():
    assert ([entry.name for entry in FRUIT], len(FRUIT), FRUIT.names) == (["apple", "pear"], 2, ("apple", "pear"))


def test_two_entries_of_one_name_are_refused_at_once():
    with pytest.raises(ValueError, match="one name"):
        Catalogue("There is no fruit", Fruit("apple"), Fruit("quince", ("Apple",)))

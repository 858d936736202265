"""Parts that are loaded side by side."""

from __future__ import annotations

from threading import Event

import pytest

from pipeline.core.errors import WeightsMissing
from pipeline.core.preload import preload


def test_loading_begins_at_once_and_side_by_side() -> None:
    begun, go_on = Event(), Event()

    def load() -> object:
        begun.set()
        assert go_on.wait(10)
        return object()

    first = preload(load)
    assert begun.wait(10)
    second = preload(go_on.set)
    assert second() is None
    assert first() is first()


def test_an_error_comes_to_everybody_who_asks() -> None:
    def load() -> None:
        raise WeightsMissing("There are none.")

    part = preload(load)
    for _ in range(2):
        with pytest.raises(WeightsMissing, match="There are none"):
            part()

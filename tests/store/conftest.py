"""Every test of the store runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.store.store import Store
from tests.postgresql import cluster, new_database

pytest.importorskip("sqlalchemy")
pytest.importorskip("alembic")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a server, with `{}` for the name of a database."""
    with cluster() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return str(tmp_path / "calls.sqlite")
    return new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def open_store() -> Iterator[Callable[[str], Store]]:
    """Open stores that are closed at the end."""
    stores: list[Store] = []

    def open_one(where: str) -> Store:
        stores.append(Store(where))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def store(where: str, open_store: Callable[[str], Store]) -> Store:
    """An empty store."""
    return open_store(where)

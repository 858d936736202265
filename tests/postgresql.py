"""A real PostgreSQL for tests: a cluster in a temporary folder, reached by a socket in it, gone at the end."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_USER = "postgres"
_NUMBERS = itertools.count(1)


def _program(name: str) -> str:
    """Return the path of a program of PostgreSQL, or skip the test."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = str(places[0]) if places else shutil.which(name)
    if not found:
        pytest.skip(f"PostgreSQL is not installed: there is no {name}")
    return found


@contextmanager
def cluster() -> Iterator[str]:
    """Start a server, and give the beginning and end of its URLs, with `{}` for the name of a database."""
    pytest.importorskip("psycopg")
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    # It does not run as root, and its socket has a short path.
    folder = Path(tempfile.mkdtemp(prefix="resay-pg-"))
    account = None
    if os.geteuid() == 0:
        account = _USER
        try:
            shutil.chown(folder, _USER, _USER)
        except LookupError:
            shutil.rmtree(folder)
            pytest.skip("PostgreSQL does not run as root, and there is no user 'postgres'")
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(command, user=account, cwd="/", check=True, stdout=subprocess.DEVNULL, timeout=120)

    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=40"
    try:
        run(initdb, "-D", str(data), "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        run(pg_ctl, "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://{_USER}@/{{}}?host={folder}"
        finally:
            run(pg_ctl, "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(url: str) -> str:
    """Make an empty database in a cluster, and return its URL."""
    import psycopg

    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return url.format(name)

"""The database of calls: opened, brought up to date, used in transactions; its errors are told in plain English."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pipeline.core.addresses import without_secrets
from pipeline.core.errors import EngineMissing, OutputError, SettingsError
from pipeline.core.failures import one_line

try:
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
    from sqlalchemy.engine import URL
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError, StatementError
    from sqlalchemy.orm import Session
except ImportError as error:
    raise EngineMissing(f"{error.name} is not installed.", hint="Run pip install '.[alerts]'.") from error

__all__ = ["Database", "StoreUnavailable", "url_of"]

_log = logging.getLogger(__name__)

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_VERSION_TABLE: Final = "resay_version"

_BUSY: Final = 10.0
"""Seconds that SQLite waits for somebody else who writes; set by hand, above any write of ours."""

_LOCK: Final = 0x7265736179
"""Number of the lock that keeps two processes from making the tables of a PostgreSQL database at once: "resay"."""

_WRITING: Final = "resay_writing"
"""Option of a connection that will write."""

_SIGNS: Final = {
    "database is locked": ("something else writes to it", "Try again."),
    "database or disk is full": ("no space is left on the disk", "Remove something."),
    "readonly database": ("it can only be read", "Ask its owner, or give another --database."),
    "unable to open database file": ("it cannot be opened", "Check the path and who may write there."),
    "file is not a database": ("it is no database", "Give another --database."),
    "disk i/o error": ("the disk reports an error", "Is there space on it, and may it be written?"),
    "malformed": ("it is damaged", "Restore it from a copy."),
    "password authentication failed": ("its server does not take the password", "Check the URL."),
    "does not exist": ("there is no such database or user", "Check the URL."),
    "connection refused": ("its server cannot be reached", "Does it run?"),
    "connection timeout": ("its server does not answer", "Does it run?"),
    "failed to resolve": ("the name of its server is not known", "Check the URL."),
    "no space left": ("no space is left on the disk of its server", "Remove something."),
}
"""What messages of databases have in them, in lower case, to a clause, and to what to do."""


_OF_FILES: Final = frozenset(("uri", "mode", "immutable"))
"""What the URL of a file may say beside its path."""

_RESIDUE: Final = (
    "What was deleted can be found in its files until it is overwritten: with the next change after this has ended."
)


class StoreUnavailable(OutputError):
    """The database cannot be read or written at the moment; nothing of what was asked for is done."""

    code = "store-unavailable"
    http_status = 503


def url_of(where: str) -> URL:
    """Return the URL of a database that was named by a file or a URL.

    Raises:
        SettingsError: It is a URL of another kind, or none.
        EngineMissing: The package that talks to PostgreSQL is not installed.
    """
    if "\0" in where:
        raise SettingsError("--database cannot hold a NUL character.")
    if "://" not in where:
        return URL.create("sqlite", database=str(Path(where).absolute()))
    try:
        url = make_url(where)
    except (ArgumentError, ValueError) as error:
        raise SettingsError("--database is no URL.", hint="Write postgresql://user@host/name, or a file.") from error
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return _file_of(url)
    # Short for the same, as others write it.
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise SettingsError(
            f"--database cannot be of the kind '{url.drivername}'.",
            hint="Give a file, or the URL of a PostgreSQL database: postgresql://user@host/name.",
        )
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise EngineMissing("psycopg is not installed.", hint="Run pip install '.[postgresql]'.") from error
    return url.set(drivername="postgresql+psycopg")


def _file_of(url: URL) -> URL:
    """Return the URL of a file of SQLite.

    Raises:
        SettingsError: It is none that stays, or says what cannot be said here.
    """
    if not url.database or ":memory:" in url.database or url.query.get("mode") == "memory":
        raise SettingsError(
            "--database cannot lie in memory: each thread would have its own, and none would stay.", hint="Give a file."
        )
    if unknown := sorted(url.query.keys() - _OF_FILES):
        raise SettingsError(f"--database takes no '{unknown[0]}' for a file.", hint="Give the path of the file alone.")
    return url


class Database:
    """A database that is open; several threads and processes may use it.

    What a method has returned from is on the disk, in the file that lies there: one of SQLite that is removed or
    replaced meanwhile is told once, and begun anew.

    Args:
        where: A file, or the URL of a PostgreSQL database.

    Raises:
        StoreUnavailable: It cannot be opened.
        SettingsError: It was written by a newer version, or is of another kind.
        EngineMissing: A package is not installed.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._opening = threading.Lock()
        self._engine = _opened(where)
        self._file = _identity(self._engine.url)
        self.residue = ""
        """Why something that was deleted may still be found in the files of the database; empty if it cannot."""

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Provide a session that reads.

        Raises:
            StoreUnavailable: The database fails.
        """
        with self._used() as engine, Session(engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Provide a session whose work is done as a whole, or not at all.

        Raises:
            StoreUnavailable: The database fails; nothing is done.
        """
        with (
            self._used() as engine,
            engine.connect() as connection,
            # It waits for others who write at its beginning.
            connection.execution_options(**{_WRITING: True}).begin(),
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session
            session.flush()
        if self.residue:
            self.erase(wait=False)

    def erase(self, *, wait: bool = True) -> None:
        """Overwrite what was deleted: SQLite keeps it in a log beside its file until nobody reads there any more.

        `residue` tells whether that was possible; if not, it is tried again after each change.

        Args:
            wait: Whether to wait for those who read, as long as for those who write.
        """
        if self._engine.dialect.name != "sqlite":
            return
        try:
            held = self._overwrite(_BUSY if wait else 0.0)
        except StoreUnavailable as error:
            self.residue = f"{error.message} {_RESIDUE}"
        else:
            self.residue = f"Another program reads the database. {_RESIDUE}" if held else ""

    def _overwrite(self, seconds: float) -> bool:
        """Empty the log of SQLite; return whether somebody else holds it longer than some seconds."""
        with self._used() as engine, engine.connect() as connection:
            database: Any = connection.connection.dbapi_connection
            try:
                database.execute(f"PRAGMA busy_timeout={round(1000 * seconds)}")
                held, *_ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                database.execute(f"PRAGMA busy_timeout={round(1000 * _BUSY)}")
        return bool(held)

    @contextmanager
    def _used(self) -> Iterator[Engine]:
        """Let a block use the database, if its file is the one that lies on the disk, before and after."""
        engine = self._present()
        with _telling(engine):
            yield engine
        if self._present() is not engine:
            raise self._lost()

    def _present(self) -> Engine:
        """Return what is open; if its file has gone, begin anew and say so."""
        with self._opening:
            if _identity(self._engine.url) == self._file:
                return self._engine
            self._engine.dispose()
            self._engine = _opened(self._where)
            self._file = _identity(self._engine.url)
            error = self._lost()
            _log.warning("%s", error.message)
            raise error

    def _lost(self) -> StoreUnavailable:
        return StoreUnavailable(
            f"The file {self._engine.url.database} was removed or replaced, and what was kept in it is gone.",
            hint="The one that lies there now is used from here on; try again.",
        )


def _identity(url: URL) -> tuple[int, int] | None:
    """Return what tells a file of SQLite from any other that was ever there; None if there is none."""
    if url.get_backend_name() != "sqlite":
        return None
    try:
        # As long as it is open, its number is given to no other one.
        found = os.stat(str(url.database))
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _opened(where: str) -> Engine:
    """Open a database, and make or change its tables as this version needs them."""
    url = url_of(where)
    if url.get_backend_name() == "sqlite":
        engine = _sqlite(url)
    else:
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": round(_BUSY)})
    try:
        with _telling(engine):
            _bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def _telling(engine: Engine) -> Iterator[None]:
    """Let a block use a database; whatever fails becomes an error with its name.

    Raises:
        StoreUnavailable: Something did.
    """
    try:
        yield
    # Some is asked of SQLite itself.
    except (SQLAlchemyError, sqlite3.Error) as error:
        # The whole of a statement would tell what it was about to keep.
        told = str(error.orig) if isinstance(error, StatementError) else str(error)
        why, hint = next((meaning for sign, meaning in _SIGNS.items() if sign in told.casefold()), (one_line(told), ""))
        raise StoreUnavailable(f"The database {_shown(engine.url)} fails: {why}.", hint=hint) from error


def _shown(url: URL) -> str:
    """Return what a message says of a database: its path, or its URL without what only its owner may read."""
    return str(url.database) if url.get_backend_name() == "sqlite" else without_secrets(url.render_as_string())


def _sqlite(url: URL) -> Engine:
    """Return the engine of a file: readers and a writer go side by side, and what is deleted is overwritten."""
    if url.database and not url.database.startswith("file:"):  # SQLite's own form of a URI, which makes no folders.
        folder = Path(url.database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"The folder {folder} cannot be made.", hint="Give another --database.") from error
    engine = create_engine(url, connect_args={"timeout": _BUSY})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        # Transactions begin where we say so: Python's own would begin too late.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _bring_up_to_date(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    newest = scripts.get_current_head()
    with engine.connect() as connection:
        version = _version(connection)
    if version == newest:
        return
    with engine.connect() as connection, connection.execution_options(**{_WRITING: True}).begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        version = _version(connection)  # Another process may have been quicker.
        known = {script.revision for script in scripts.walk_revisions()}
        if version is not None and version not in known:
            raise SettingsError(
                f"The database {_shown(engine.url)} was written by a newer version.",
                hint="Install that version, or give another --database.",
            )
        if version != newest:
            _log.info("tables of %s: %s to %s", _shown(engine.url), version, newest)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": _VERSION_TABLE})
    return context.get_current_revision()

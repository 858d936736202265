"""Opens the database of calls, brings its tables up to date, and tells its errors in plain English."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import EngineMissing, OutputError, SettingsError
from pipeline.core.failures import one_line

try:
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
    from sqlalchemy.engine import URL
    from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
except ImportError as error:
    raise EngineMissing(f"{error.name} is not installed.", hint="Run pip install '.[alerts]'.") from error

__all__ = ["StoreUnavailable", "open_database", "telling", "url_of", "writing"]

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


class StoreUnavailable(OutputError):
    """The database cannot be read or written at the moment; nothing of what was asked for is done."""

    code = "store-unavailable"
    http_status = 503


def url_of(where: str) -> URL:
    """Return the URL of a database that was named by a file or a URL.

    Raises:
        SettingsError: It is a URL of another kind.
        EngineMissing: The package that talks to PostgreSQL is not installed.
    """
    if "://" not in where:
        return URL.create("sqlite", database=str(Path(where).absolute()))
    try:
        url = make_url(where)
    except ArgumentError as error:
        raise SettingsError("--database is no URL.", hint="Write postgresql://user@host/name, or a file.") from error
    if url.get_backend_name() == "sqlite":
        return url
    if url.get_backend_name() != "postgresql":
        raise SettingsError(
            f"--database cannot be of the kind '{url.get_backend_name()}'.",
            hint="Give a file, or the URL of a PostgreSQL database.",
        )
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise EngineMissing("psycopg is not installed.", hint="Run pip install '.[postgresql]'.") from error
    return url.set(drivername="postgresql+psycopg")


def open_database(where: str) -> Engine:
    """Open a database, and make or change its tables as this version needs them.

    Args:
        where: A file, or a URL.

    Raises:
        StoreUnavailable: It cannot be opened.
        SettingsError: It was written by a newer version, or is of another kind.
        EngineMissing: A package is not installed.
    """
    url = url_of(where)
    if url.get_backend_name() == "sqlite":
        engine = _sqlite(url)
    else:
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": round(_BUSY)})
    try:
        with telling(engine):
            _bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def writing(connection: Connection) -> Connection:
    """Return a connection whose next transaction writes, so that it waits for others who write at its beginning."""
    return connection.execution_options(**{_WRITING: True})


@contextmanager
def telling(engine: Engine) -> Iterator[None]:
    """Let a block use a database; whatever fails becomes an error with its name.

    Raises:
        StoreUnavailable: Something did.
    """
    try:
        yield
    except SQLAlchemyError as error:
        told = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        why, hint = next((meaning for sign, meaning in _SIGNS.items() if sign in told.casefold()), (one_line(told), ""))
        raise StoreUnavailable(f"The database {_shown(engine.url)} fails: {why}.", hint=hint) from error


def _shown(url: URL) -> str:
    """Return what a message says of a database: its path, or its URL without a password."""
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


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
    with engine.connect() as connection, writing(connection).begin():
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

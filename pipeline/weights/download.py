"""One file by HTTP: resumed after a broken connection, checked, complete or not there."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.core.errors import DownloadFailed
from pipeline.core.messages import reason

if TYPE_CHECKING:
    from requests import Response

__all__ = ["WAITS", "Progress", "check_digest", "fetch", "remote_size"]

WAITS: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds to wait after each broken connection that brought nothing new."""

_BLOCK: Final = 1 << 16
"""Bytes that are read at once: the progress moves often, and the disk is not kept busy with trifles."""
_TIMEOUT: Final = (10.0, 60.0)
"""Seconds to wait for the connection, and for each block: servers are slow to find a large file."""
_TEMPORARY: Final = {408, 425, 429, 500, 502, 503, 504}
"""HTTP states that a server answers for a while only."""

Progress = Callable[[str, int, int | None], None]
"""Called with what is going on, how many bytes are done, and of how many (None: unknown)."""


class _Interrupted(Exception):
    """The connection broke, or the server is busy."""


def remote_size(url: str, *, wait: Callable[[float], None] = time.sleep) -> int | None:
    """Return the bytes of a file on a server; None if the server does not say.

    Raises:
        DownloadFailed: The server cannot be reached, or does not have the file.
    """
    for pause in WAITS[:2]:
        try:
            with _request(url, {}) as response:
                return _length(response)
        except _Interrupted as error:
            interruption = error
            wait(pause)
    raise _failed(url, interruption)


def fetch(
    url: str,
    path: Path,
    *,
    digest: str = "",
    progress: Progress = lambda what, done, total: None,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Download a file; what an earlier call got of it is kept and gone on from.

    Beside `path` lie, until it is complete, `path.part` and `path.tag`, the server's name for this version of the file:
    another version on the server is downloaded from its beginning (RFC 9110, sections 13.1.5 and 14).

    Args:
        url: Where it is.
        path: Where it goes.
        digest: `md5:` or `sha256:` with hexadecimal digits; empty if it is not known.
        progress: Told about every few kilobytes.
        wait: Called with the seconds to wait before the next attempt.

    Raises:
        DownloadFailed: The file is not there, the connection broke too often, or the digest is another.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part, tag = path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.tag")
    failures, furthest = 0, 0
    while True:
        try:
            _receive(url, part, tag, path.name, known=bool(digest), progress=progress)
            break
        except _Interrupted as error:
            reached = part.stat().st_size if part.exists() else 0
            failures = 0 if reached > furthest else failures + 1
            furthest = max(furthest, reached)
            if failures >= len(WAITS):
                raise _failed(url, error) from error
            progress(f"{path.name}: {error}; again in {WAITS[failures]:g} s", reached, None)
            wait(WAITS[failures])
    if digest:
        progress(f"checking {path.name}", 0, None)
        try:
            check_digest(part, digest, path.name)
        except DownloadFailed:
            part.unlink()
            raise
        finally:
            tag.unlink(missing_ok=True)
    part.replace(path)
    tag.unlink(missing_ok=True)


def check_digest(path: Path, digest: str, name: str = "") -> None:
    """Check that a file has a digest.

    Args:
        path: The file.
        digest: `md5:` or `sha256:` with hexadecimal digits.
        name: What to call the file in the message; its own name by default.

    Raises:
        DownloadFailed: It has another one.
    """
    algorithm, _, wanted = digest.partition(":")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
    if found != wanted.casefold():
        raise DownloadFailed(
            f"{name or path.name} is not the file that was released: its {algorithm} is {found}, not {wanted}.",
            hint="Try again, or with another --mirror.",
        )


def _receive(url: str, part: Path, tag: Path, name: str, *, known: bool, progress: Progress) -> None:
    """Get what is lacking of a file, or as much of it as the connection brings."""
    import requests

    start = part.stat().st_size if part.exists() else 0
    version = tag.read_text(encoding="utf-8") if tag.exists() else ""
    headers = {}
    # Without a name for the version only a digest tells whether two parts belong together.
    if start and (version or known):
        headers = {"Range": f"bytes={start}-"} | ({"If-Range": version} if version else {})
    with _request(url, headers) as response:
        if response.status_code == 416 and response.headers.get("Content-Range") == f"bytes */{start}":
            return
        resumed = response.status_code == 206
        if response.status_code == 416 or (
            resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
        ):
            part.unlink()
            raise _Interrupted("the server answered for another part of the file")
        done = start if resumed else 0
        length = _length(response)
        total = None if length is None else done + length
        tag.write_text(_version(response), encoding="utf-8")
        with part.open("ab" if resumed else "wb") as file:
            progress(name, done, total)
            try:
                for block in response.iter_content(_BLOCK):
                    file.write(block)
                    done += len(block)
                    progress(name, done, total)
            except requests.RequestException as error:
                raise _Interrupted(f"the connection broke after {done} of {total or 'unknown'} bytes") from error
    if total is not None and done < total:
        raise _Interrupted(f"the connection ended after {done} of {total} bytes")


def _request(url: str, headers: dict[str, str]) -> Response:
    import requests

    try:
        response = requests.get(url, headers=headers | {"Accept-Encoding": "identity"}, stream=True, timeout=_TIMEOUT)
    except (requests.ConnectionError, requests.Timeout) as error:
        raise _Interrupted(reason(error)) from error
    except requests.RequestException as error:
        raise _failed(url, reason(error)) from error
    if response.ok or response.status_code == 416:
        return response
    response.close()
    problem = f"the server answers {response.status_code} {response.reason}"
    if response.status_code in _TEMPORARY:
        raise _Interrupted(problem)
    raise _failed(url, problem)


def _length(response: Response) -> int | None:
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else None


def _version(response: Response) -> str:
    """Return what `If-Range` takes: a strong entity tag, or else the date of change."""
    tag: str = response.headers.get("ETag", "")
    return tag if tag.startswith('"') else str(response.headers.get("Last-Modified", ""))


def _failed(url: str, problem: object) -> DownloadFailed:
    return DownloadFailed(
        f"{url} cannot be downloaded: {problem}.",
        hint="What came is kept: run the same line again to go on; or try --mirror URL, or --from FILE.",
    )

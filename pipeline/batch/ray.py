"""Workers that are actors of Ray, on this machine or on a cluster.

Ray places them, carries recordings and results, and notices who is gone. The workers need no file system of ours:
they get the recording, and give back the files, which this process writes.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import secrets
import shutil
import signal
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.batch.copies import Delivery, content_of, deliver, perform_apart
from pipeline.batch.items import Job, Outcome, WorkItem
from pipeline.batch.pool import MOST_MEMORY, MOST_RECORDINGS, PATIENCE, Pool, Worker
from pipeline.batch.workers import cores, ends_the_batch, environment, failed, load_engines, resident
from pipeline.core.errors import EngineFailed, EngineMissing, ResayError, UsageError
from pipeline.core.failures import one_line
from pipeline.core.messages import reason

if TYPE_CHECKING:
    from pipeline.batch.work import Tell
    from pipeline.core.settings import Settings

__all__ = ["OnRay"]

logger = logging.getLogger(__name__)

_LOCAL: Final = "ray"
"""What stands for this machine."""

_SCHEME: Final = "ray://"
"""What the address of a cluster begins with."""

_TRIES: Final = 2
"""Workers that may vanish with a recording before it counts as the cause: machines go away, too; set by hand."""

_KNOCKING: Final = 10.0
"""Seconds in which a cluster must take a connection; set by hand, far above the time to any other continent."""

_CONNECTIONS: Final = 3
"""Times that a cluster is asked for a session: one that is busy was seen to end the server that it began for it."""

_OBJECTS: Final = 256 * 1024**2
"""Bytes of memory for results that wait to be written, on this machine; Ray puts more than that on the disk."""

_LONGEST_FOLDER: Final = 25
"""Characters of a temporary folder in which Ray's sockets still have names that the system takes: 107 bytes."""

_SILENCE: Final = 30.0
"""Seconds without a machine after which a batch ends; Ray needs a few to notice that one is gone."""

_SILENT: Final = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Variables that stop Ray's statistics, and let it leave GPUs visible to workers; it reads them when it is imported."""


_NO_NETWORK: Final = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
"""Variables that send requests of Ray's own processes to a port of this machine that nobody serves.

Without them it asks addresses of cloud providers where it runs, even if its statistics are off."""


_KEY: Final = secrets.token_hex(32)
"""What only the parts of a session on this machine know: without it Ray would keep a key in the person's folder."""


class OnRay(Pool["_Actor"]):
    """Works in actors of Ray: one for each core of this machine, or of a cluster, as long as it is there.

    A session of Ray that the program has begun already is used, and left as it is.

    Args:
        settings: Which engines each actor loads.
        job: What they do.
        address: `ray` for this machine, or `ray://HOST:PORT` of a cluster on which Resay is installed.
        time_limit: Seconds that one recording may take; 0 for any time.

    Raises:
        EngineMissing: Ray is not installed.
        UsageError: No cluster answers.
    """

    def __init__(self, settings: Settings, job: Job, address: str, *, time_limit: float = 0.0) -> None:
        super().__init__(time_limit)
        if importlib.util.find_spec("ray") is None:
            raise EngineMissing("Ray is not installed.", hint="Run pip install '.[ray]'.")
        if address != _LOCAL:
            _knock(address)
        self._settings = settings.model_copy(update={"threads": settings.threads or 1})
        self._job = job
        self._address = address
        self._vanished: Counter[int] = Counter()
        self._heard_of = 0.0
        self._ray: Any = None

    def run(self, items: Iterable[WorkItem | Outcome | None], tell: Tell) -> Iterator[Outcome]:
        """Work on items, as `Workers.run`; pieces of recordings are not told."""
        with _session(self._address) as self._ray:
            self._heard_of = time.monotonic()
            yield from super().run(items, tell)

    def _most(self) -> int:
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def _started(self) -> _Actor:
        hand = self._ray.remote(num_cpus=1)(_Hand).remote(self._settings, self._job)
        return _Actor(self._ray, hand, is_far=self._address != _LOCAL, max_bytes=self._settings.max_bytes)

    def _answers(self, tell: Tell) -> Iterator[Outcome]:
        ready, _ = self._ray.wait([worker.answer for worker in self._workers if worker.answer], timeout=PATIENCE)
        self._require_machines(bool(ready))
        for worker in [each for each in self._workers if each.answer in ready]:
            try:
                said = self._ray.get(worker.answer)
            except self._ray.exceptions.RayActorError as error:
                yield from self._lost(worker, error)
                continue
            except OSError as error:
                raise EngineFailed(f"Ray failed: {one_line(error)}.", hint="Run the same command again.") from error
            worker.answer = None
            if isinstance(said, ResayError):
                raise said
            if worker.item is None:
                _require_same_version(said)
                worker.is_ready = True
                continue
            item, worker.item = worker.item, None
            delivery, is_worn = said
            if is_worn:
                self._replace(worker)
            yield deliver(delivery, item)

    def _require_machines(self, is_alive: bool) -> None:
        """Notice from time to time that the cluster has no machine any more: Ray itself would wait for one for ever.

        Args:
            is_alive: Whether somebody has just said something.

        Raises:
            EngineFailed: It has had none for a while.
        """
        now = time.monotonic()
        silent = now - self._heard_of
        if is_alive or (silent > _SILENCE / 2 and any(node["Alive"] for node in self._ray.nodes())):
            self._heard_of = now
        elif silent > _SILENCE:
            raise EngineFailed("The cluster of Ray has no machine left.", hint="Run the same command again to go on.")

    def _lost(self, worker: _Actor, error: Exception) -> Iterator[Outcome]:
        """Give what a worker that vanished had to another one, or report it.

        A retry of Ray's own would wait for the same actor, which finds no place on a cluster that has become smaller.
        """
        logger.info("a worker vanished: %s", one_line(error))
        if worker.item is None and not worker.is_ready and "__init__" in str(error):
            raise UsageError(
                f"The workers cannot begin: {one_line(str(error).splitlines()[-1])}.",
                hint="Install the same version of Resay on every machine of the cluster.",
            )
        if worker.item is None or self._vanished[worker.item.index] + 1 < _TRIES:
            self._workers.remove(worker)
            if worker.item:
                self._vanished[worker.item.index] += 1
                self._waiting.appendleft(worker.item)
            return
        yield from self._gone(worker, f"{_TRIES} workers of Ray vanished with it")


class _Actor(Worker):
    """One actor, seen from this process."""

    def __init__(self, ray: Any, hand: Any, *, is_far: bool, max_bytes: int) -> None:
        super().__init__()
        self._ray = ray
        self._hand = hand
        self._is_far = is_far
        self._max_bytes = max_bytes
        self.answer: Any = hand.load.remote()
        """What it will say next; None if nothing was asked."""

    def dismiss(self) -> None:
        """Let it end; it has nothing to do."""
        self.kill()

    def kill(self) -> None:
        """End it at once; Ray does not begin it again."""
        with suppress(Exception):  # It may be gone, and so may the cluster.
            self._ray.kill(self._hand)

    def _send(self, item: WorkItem) -> None:
        try:
            content = content_of(item, self._max_bytes)
            if self._is_far and content is None:
                content = Path(item.source).read_bytes()
        except (OSError, ResayError) as error:
            self.answer = self._ray.put((Delivery(failed(item, error, 0.0)), False))
            return
        item = item if content is not None else replace(item, source=os.path.abspath(item.source))
        self.answer = self._hand.work.remote(item, content)


class _Hand:
    """The life of a worker: what an actor does."""

    def __init__(self, settings: Settings, job: Job) -> None:
        self._settings = settings
        self._job = job
        self._done = 0

    def load(self) -> str | ResayError:
        """Load the engines; return the version of Resay, or why nothing can be done."""
        from pipeline import __version__
        from pipeline.chain import VoicePipeline

        try:
            self._pipeline = VoicePipeline(self._settings)
        except ResayError as error:
            return error
        load_engines(self._pipeline, self._job)
        return __version__

    def work(self, item: WorkItem, content: bytes | None) -> tuple[Delivery, bool] | ResayError:
        """Do what an item asks for; return what is to be written and whether this worker is worn, or what ends all."""
        try:
            delivery = perform_apart(self._pipeline, item, content)
        except Exception as error:
            told = failed(item, error, 0.0)
            if ends_the_batch(error) and told.error:
                return told.error
            delivery = Delivery(told)
        self._done += 1
        return delivery, self._done >= MOST_RECORDINGS or resident() > MOST_MEMORY


@contextmanager
def _session(address: str) -> Iterator[Any]:
    """Provide Ray, connected, for a block; what is begun for it is ended afterwards, and leaves no file."""
    os.environ.update({name: value for name, value in _SILENT.items() if name not in os.environ})
    import ray

    if ray.is_initialized():
        yield ray
        return
    folder = None
    handler = signal.getsignal(signal.SIGTERM)
    how: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address == _LOCAL:
        place = tempfile.gettempdir()
        folder = tempfile.mkdtemp(prefix="resay-", dir=place if len(place) <= _LONGEST_FOLDER else "/tmp")  # noqa: S108
        how |= {
            "address": "local",
            "num_cpus": cores(),
            "include_dashboard": False,
            "object_store_memory": _OBJECTS,
            "_temp_dir": folder,
            "_node_ip_address": "127.0.0.1",
        }
    else:
        how |= {"address": address}
    try:
        try:
            ours = _NO_NETWORK | {"RAY_AUTH_TOKEN": _KEY} if folder else {}
            # Who is killed leaves temporary files, so that they go with those of Ray.
            with environment(ours), environment({"TMPDIR": folder} if folder else {}, replace=True):
                _begin(ray, how)
        except Exception as error:
            raise EngineFailed(
                f"Ray cannot begin: {one_line(error)}.",
                hint="Look at --workers, and whether the cluster asks for a key.",
            ) from error
        yield ray
    finally:
        with suppress(Exception):
            ray.shutdown()
        if callable(handler) or isinstance(handler, signal.Handlers):
            with suppress(ValueError):  # Only the main thread has handlers.
                signal.signal(signal.SIGTERM, handler)
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _begin(ray: Any, how: dict[str, Any]) -> None:
    """Begin a session; ask again where the server for it ended before it had begun."""
    for left in reversed(range(_CONNECTIONS)):
        try:
            ray.init(**how)
            return
        except ConnectionAbortedError:
            if not left:
                raise


def _knock(address: str) -> None:
    """Refuse a cluster that does not answer, at once: Ray itself would try for half a minute.

    Raises:
        UsageError: Nobody takes a connection there.
    """
    host, _, port = address.removeprefix(_SCHEME).rpartition(":")
    try:
        socket.create_connection((host, int(port)), _KNOCKING).close()
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"No Ray cluster answers at {address}: {reason(error)}.",
            hint="Check the address, and that its head was started with ray start --head.",
        ) from error


def _require_same_version(theirs: str) -> None:
    from pipeline import __version__

    if theirs != __version__:
        raise UsageError(
            f"The cluster has version {theirs} of Resay, and this machine {__version__}.",
            hint="Install the same on every machine.",
        )

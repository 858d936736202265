"""Watching: each new recording of a folder is analysed once, and its alerts are kept."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from pipeline.alerts.people import Heard, People, customer_of, customer_pattern, hear
from pipeline.alerts.rules import Alert, AlertRule, find_alerts
from pipeline.alerts.webhooks import addresses_of
from pipeline.audio import is_result
from pipeline.batch.journal import content_digest
from pipeline.batch.plan import find_recordings
from pipeline.batch.watching import arriving
from pipeline.chain import VoicePipeline
from pipeline.core.errors import EngineMissing, ResayError, UnreadableAudio, UsageError
from pipeline.core.failures import explained, named
from pipeline.core.messages import reason
from pipeline.core.options import AlertOptions
from pipeline.store.database import StoreUnavailable
from pipeline.store.models import CallAlert, now
from pipeline.store.store import Store, call_of

Result = TypeVar("Result")

__all__ = ["TIDYING", "CallWatcher", "WatchedCall", "as_kept"]

_PATIENCE: Final = 5
"""Attempts to reach the database before a run that ends by itself gives up; set by hand."""

_LONGEST_WAIT: Final = 30.0
"""Seconds between two attempts at most; set by hand."""

TIDYING: Final = 3600.0
"""Seconds between two looks for calls that are too old; set by hand."""


@dataclass(frozen=True)
class WatchedCall:
    """A recording that was analysed and kept."""

    source: str
    """Path."""
    customer: str
    """Whose call it is; empty if its path does not tell."""
    heard: Heard
    """What was found out."""
    alerts: tuple[Alert, ...]
    """In order of time."""


class CallWatcher:
    """Analyses the recordings of a folder, each once, also after an interruption, and keeps what it finds.

    Args:
        pipeline: Its engines hear.
        store: Where calls are kept.
        options: Who is judged, what is watched for, and who is told.
        on_problem: Gets what cannot be analysed, and when the database fails; the work goes on.

    Raises:
        UsageError: The options do not say who the customer is.
        SettingsError: An option cannot be.
    """

    def __init__(
        self,
        pipeline: VoicePipeline,
        store: Store,
        options: AlertOptions,
        *,
        on_problem: Callable[[ResayError], None],
    ) -> None:
        self._pipeline = pipeline
        self._store = store
        self._options = options
        self._people = People.of(options)
        self._rule = AlertRule.of(options)
        self._pattern = customer_pattern(options)
        self._webhooks = addresses_of(options)
        self._on_problem = on_problem
        self._left_out: set[str] = set()
        self._tidied = -TIDYING
        self.too_old = 0
        """Recordings that were left out because they are older than calls are kept."""
        self.forgotten = 0
        """Recordings that were left out because their customer was forgotten."""

    @staticmethod
    def check(options: AlertOptions) -> None:
        """Refuse options that cannot be, before anything is loaded.

        Raises:
            UsageError: They do not say who the customer is.
            SettingsError: One cannot be.
        """
        People.of(options)
        AlertRule.of(options)
        customer_pattern(options)
        addresses_of(options)

    def watch(self, folder: str, *, once: bool = False) -> Iterator[WatchedCall]:
        """Yield each recording after it is kept.

        Args:
            folder: With its subfolders.
            once: Whether to end with what is there; otherwise it goes on with what arrives.

        Raises:
            EngineMissing: An engine is not ready on this machine.
            StoreUnavailable: `once`, and the database fails again and again.
        """
        found: Iterable[str | None] = self._present(folder) if once else arriving([folder])
        for recording in found:
            if time.monotonic() - self._tidied > TIDYING:
                self._kept(lambda: self._store.delete_older(self._options.keep_days), patient=not once)
                self._tidied = time.monotonic()
            if recording and (call := self._watched(recording, folder, patient=not once)):
                yield call

    @staticmethod
    def _present(folder: str) -> list[str]:
        return [path for path in find_recordings([folder]) if os.path.isfile(path) and not is_result(Path(path))]

    def _watched(self, recording: str, folder: str, *, patient: bool) -> WatchedCall | None:
        """Analyse a recording and keep it; None if it is known, too old, or cannot be analysed now."""
        try:
            return self._analysed(recording, folder, patient=patient)
        except (UsageError, EngineMissing, StoreUnavailable):
            raise
        except Exception as error:
            # Nothing of the others is to blame; the next run tries this one again.
            self._tell(explained(error, recording), recording)
            return None

    def _analysed(self, recording: str, folder: str, *, patient: bool) -> WatchedCall | None:
        recorded_at = _modified_at(recording)
        digest = content_digest(recording)
        days = self._options.keep_days
        if days and recorded_at < now() - datetime.timedelta(days=days):
            self.too_old += 1
            return None
        if self._kept(lambda: self._store.is_known(digest), patient=patient):
            self.forgotten += self._kept(lambda: self._store.is_forgotten(digest), patient=patient)
            return None
        try:
            heard = hear(self._pipeline, recording, self._people)
        except UnreadableAudio as error:
            heard = Heard((), 0.0, str(error))
        customer = customer_of(recording, folder, self._pattern)
        alerts = find_alerts(heard.segments, self._rule)

        def add() -> bool:
            call = call_of(
                os.path.abspath(recording),
                customer=customer,
                recorded_at=recorded_at,
                digest=digest,
                duration=heard.duration,
                model=heard.model,
                problem=heard.problem,
                judged_because=self._people.employees_because,
            )
            return self._store.add(call, heard.segments, as_kept(alerts), webhooks=self._webhooks)

        return WatchedCall(recording, customer, heard, alerts) if self._kept(add, patient=patient) else None

    def _kept(self, work: Callable[[], Result], *, patient: bool) -> Result:
        """Let the database do something, again and again until it does."""
        attempts, wait = 0, 1.0
        while True:
            try:
                return work()
            except StoreUnavailable as error:
                attempts += 1
                if not patient and attempts >= _PATIENCE:
                    raise
                if attempts == 1:
                    self._on_problem(error)
                time.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT)

    def _tell(self, error: ResayError, recording: str) -> None:
        if recording not in self._left_out:
            self._left_out.add(recording)
            self._on_problem(named(error, recording))


def _modified_at(recording: str) -> datetime.datetime:
    """Return when a recording was finished.

    Raises:
        UnreadableAudio: It is not there, or nobody can tell its day.
    """
    try:
        seconds = os.stat(recording).st_mtime
    except OSError as error:
        raise UnreadableAudio(f"{recording} cannot be read: {reason(error)}.") from error
    try:
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
        moment.astimezone()  # The day of this place may lie beyond the last one that there is.
    except (ValueError, OverflowError, OSError) as error:
        raise UnreadableAudio(
            f"{recording} was last changed on a day that there is not.", hint="Correct it, such as with touch."
        ) from error
    return moment


def as_kept(alerts: Sequence[Alert]) -> list[CallAlert]:
    """Return alerts as the store keeps them."""
    return [
        CallAlert(
            emotion=alert.emotion,
            speaker=alert.speaker,
            start=alert.start,
            end=alert.end,
            seconds=alert.seconds,
            score=alert.score,
            severity=alert.severity,
            words=alert.words,
            reason=alert.reason,
            ended=alert.ended,
            raised_at=now(),
        )
        for alert in alerts
    ]

"""The folder of a run: its settings, its log, what its models answered."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from pipeline.core.errors import SettingsError
from pipeline.core.files import atomic
from pipeline.core.messages import reason

__all__ = [
    "Progress",
    "begun",
    "logged",
    "mean_seconds",
    "of_step",
    "read_about",
    "settings_in",
    "write_array",
    "write_files",
    "write_json",
]

Progress = Callable[[str, int, int, dict[str, float]], None]
"""Called with what is being done, how much is done, of how much, and figures to show."""

_SETTINGS: Final = "settings.json"
_LOG: Final = "log.jsonl"
_RESULTS: Final = ("folds/*", "whole/*", "checkpoint/*", "scores.json", "*.safetensors", "lesson-*.npz")
"""What a run's folder holds once something is computed, as patterns of names."""
_ABOUT: Final = ("corpus", "also", "clips", "folds", "protocol")


@contextmanager
def begun(
    run: Path, settings: BaseModel, *, corpus: str, also: Sequence[str] = (), clips: int, folds: int, protocol: str
) -> Iterator[None]:
    """Keep the settings of a run in its folder while a block computes; results that are there are gone on from.

    A block that ends in an error before there is any result leaves nothing, so that the corrected command can begin.

    Raises:
        SettingsError: The folder holds results of other settings.
    """
    path = run / _SETTINGS
    values = {"corpus": corpus, "clips": clips, "folds": folds} | settings.model_dump(mode="json")
    if protocol != "folds":
        values["protocol"] = protocol
    if also:
        values["also"] = list(also)
    if path.exists() and _has_results(run) and (other := _differences(path, values)):
        raise SettingsError(
            f"{run} holds a run with other settings: {other}.", hint="Give another --run, or remove the folder."
        )
    made = [folder for folder in (run, *run.parents) if not folder.exists()]
    write_json(path, values)
    try:
        yield
    except BaseException:
        if not _has_results(run):
            for name in (_SETTINGS, _LOG):
                (run / name).unlink(missing_ok=True)
            for folder in (run / "folds", *made):
                with suppress(OSError):  # Somebody else's files are in it.
                    folder.rmdir()
        raise


def _has_results(run: Path) -> bool:
    return any(next(run.glob(pattern), None) for pattern in _RESULTS)


def _differences(path: Path, values: dict[str, Any]) -> str:
    """Return what a run's settings are that are not these; empty if they are the same."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "they cannot be read"
    names = [name for name in {**known, **values} if known.get(name) != values.get(name)]
    return ", ".join(f"{name} {known.get(name)}, not {values.get(name)}" for name in names)


def read_about(run: Path) -> dict[str, Any]:
    """Return a run's `corpus`, `also`, `clips`, `folds` and `protocol`.

    Raises:
        SettingsError: The folder holds no run.
    """
    values = {"protocol": "folds", "also": []} | _read(run)
    return {name: values[name] for name in _ABOUT}


def settings_in(run: Path) -> dict[str, Any]:
    """Return the names and values of a run's settings.

    Raises:
        SettingsError: The folder holds no run.
    """
    return {name: value for name, value in _read(run).items() if name not in _ABOUT}


def logged(run: Path, settings: BaseModel, progress: Progress) -> Progress:
    """Return a listener that writes every epoch to `log.jsonl` and passes it on."""
    begun, epochs = time.monotonic(), int(getattr(settings, "epochs", 1))

    def listen(step: str, epoch: int, total: int, values: dict[str, float]) -> None:
        line = {"step": step, "epoch": epoch, "seconds": round(time.monotonic() - begun, 1), **values}
        with (run / _LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        progress(step, epoch, total or epochs, values)

    return listen


def of_step(progress: Progress, step: str) -> Callable[[int, dict[str, float]], None]:
    """Return a listener to the epochs of one training."""
    return lambda epoch, values: progress(step, epoch, 0, values)


def write_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files, each of which appears complete or not at all.

    Args:
        folder: Where they go.
        contents: Name to content.

    Raises:
        OutputError: The folder cannot be written.
    """
    for name, content in contents.items():
        with atomic(folder / name) as temporary:
            temporary.write_bytes(content)


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write values as indented JSON."""
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def write_array(path: Path, values: NDArray[Any]) -> None:
    """Write an array as NumPy's own format, without pickle."""
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.save(file, values, allow_pickle=False)


def mean_seconds(run: Path) -> float:
    """Return the mean processor time of a run's trainings; 0 if it has none."""
    kept = sorted(path for name in ("*.json", "*/training.json") for path in (run / "folds").glob(name))
    found = [json.loads(path.read_text(encoding="utf-8"))["training_seconds"] for path in kept]
    return float(np.mean(found)) if found else 0.0


def _read(run: Path) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads((run / _SETTINGS).read_text(encoding="utf-8"))
        return {name: values[name] for name in ("corpus", "clips", "folds")} | values
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(
            f"{run} holds no run that can be read: {reason(error)}.", hint="Evaluate a model there."
        ) from error

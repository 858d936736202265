"""Pictures of a training and of its scores, as PNG; drawn only where matplotlib is installed."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.core.emotions import EMOTIONS
from pipeline.training.runs import write_files
from pipeline.training.speech.scores import SpeechScores

__all__ = ["bar_plot", "confusion_plot", "curve_plot", "read_log", "run_plots"]


def run_plots(run: Path, scores: SpeechScores) -> None:
    """Write `curves.png` and `confusion.png` into a run's folder."""
    if importlib.util.find_spec("matplotlib") is None:
        return
    pictures = {"confusion.png": confusion_plot(scores.confusion)}
    if log := read_log(run):
        pictures["curves.png"] = curve_plot(log)
    write_files(run, pictures)


def read_log(run: Path) -> list[dict[str, Any]]:
    """Return the lines of a run's log, none where there is no log."""
    path = run / "log.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def confusion_plot(confusion: Sequence[Sequence[int]]) -> bytes:
    """Draw a confusion matrix: rows are the true emotions, columns the answers, colour the share of the row."""
    figure, axes = _figure(5.6, 5.0)
    table = np.array(confusion, float)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    for row, column in np.ndindex(*table.shape):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, f"{table[row, column]:.0f}", ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(EMOTIONS)), EMOTIONS, rotation=45, ha="right")
    axes.set_yticks(range(len(EMOTIONS)), EMOTIONS)
    axes.set_xlabel("answer")
    axes.set_ylabel("truth")
    return _png(figure)


def curve_plot(log: Sequence[dict[str, Any]]) -> bytes:
    """Draw loss and accuracies over the epochs, one thin line per training."""
    figure, axes = _figure(6.4, 3.6)
    steps: dict[str, dict[int, dict[str, Any]]] = {}
    for line in log:  # An interrupted training begins again: what it wrote later counts.
        steps.setdefault(line["step"], {})[line["epoch"]] = line
    for name, colour in (("loss", "tab:red"), ("accuracy", "tab:blue"), ("validation", "tab:green")):
        label: str | None = {"validation": "accuracy on held-out training speakers"}.get(name, name)
        for entries in steps.values():
            points = [(epoch, entry[name]) for epoch, entry in sorted(entries.items()) if name in entry]
            if points:
                mark = "." if len(points) == 1 else ""
                axes.plot(*zip(*points, strict=True), color=colour, alpha=0.6, linewidth=0.8, marker=mark, label=label)
                label = None
    axes.set_xlabel("epoch")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    return _png(figure)


def bar_plot(values: dict[str, float], title: str, mark: float | None = None) -> bytes:
    """Draw shares as bars, with a line across at `mark`."""
    figure, axes = _figure(6.4, 0.9 + 0.3 * len(values))
    names = list(values)
    axes.barh(names, [100 * values[name] for name in names], color="tab:blue", height=0.6)
    if mark is not None:
        axes.axvline(100 * mark, color="tab:red", linewidth=1)
    for place, name in enumerate(names):
        axes.text(100 * values[name] + 1, place, f"{values[name]:.1%}", va="center", fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, 108)
    axes.set_xlabel(f"{title}, %")
    return _png(figure)


def _figure(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _png(figure: Any) -> bytes:
    content = BytesIO()
    figure.savefig(content, format="png", dpi=110)
    return content.getvalue()

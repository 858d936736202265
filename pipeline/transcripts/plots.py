"""One picture of a recording: its sound, its frequencies, and the emotion through it and over all of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import EngineMissing
from pipeline.core.explanation import Explanation
from pipeline.core.files import atomic
from pipeline.core.timeline import Timeline
from pipeline.core.values import Audio, Samples

__all__ = ["COLOURS", "check_plotting", "draw"]

COLOURS: Final = {
    "neutral": "#999999",
    "calm": "#56B4E9",
    "happy": "#F0E442",
    "sad": "#0072B2",
    "angry": "#D55E00",
    "fearful": "#CC79A7",
    "disgusted": "#009E73",
    "surprised": "#E69F00",
}
"""Colours that colour-blind people tell apart: Okabe and Ito, Color Universal Design, 2008."""

_OTHER: Final = "#555555"
_INK: Final = "#222222"
_FAINT: Final = "#bbbbbb"
_FOR: Final = "#0072B2"
_AGAINST: Final = "#D55E00"

_COLUMNS: Final = 1200
"""Columns of waveform and spectrogram: about the pixels that the picture has for them."""
_MEL_BANDS: Final = 64
"""Bands of the spectrogram: about two pixels high each."""
_WINDOW: Final = 512
"""Samples of a window, 32 ms at 16 kHz: long enough to part the harmonics of a voice."""
_TICKS: Final = (100, 250, 500, 1000, 2000, 4000, 8000)
"""Hertz that are marked, about evenly far apart on the mel scale."""
_DYNAMICS: Final = 70.0
"""dB from dark to bright: below it lies the noise of most rooms."""


def check_plotting() -> None:
    """Check that pictures can be drawn.

    Raises:
        EngineMissing: Matplotlib is not installed.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise EngineMissing("Pictures need Matplotlib.", hint="Run pip install '.[plots]'.") from error


def draw(
    path: Path,
    audio: Audio,
    timeline: Timeline,
    phrases: Sequence[tuple[float, float]],
    explanation: Explanation | None = None,
    *,
    title: str = "",
) -> None:
    """Draw a recording as PNG.

    Waveform with the phrases, log-mel spectrogram, probabilities over time, and a radar of the whole;
    with an explanation also how much each stretch of seconds and each band of frequencies did for the answer.

    Args:
        path: The picture; it appears complete or not at all.
        audio: Mono, any rate.
        timeline: The emotion through the recording.
        phrases: (start, end) of each phrase, in seconds.
        explanation: What moved the answer.
        title: What the picture calls the recording.

    Raises:
        EngineMissing: Matplotlib is not installed.
        OutputError: The picture cannot be written.
    """
    check_plotting()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    heights = [1.5, 0.7, 2.0, 2.2] if explanation else [1.5, 2.0, 2.2]
    figure = Figure(figsize=(12, 1.6 + 1.15 * sum(heights)), dpi=130, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(len(heights), 2, width_ratios=[3.2, 1], height_ratios=heights)
    rows = [figure.add_subplot(grid[0, 0])]
    rows += [figure.add_subplot(grid[row, 0], sharex=rows[0]) for row in range(1, len(heights))]
    figure.suptitle(_headline(timeline, title), x=0.01, ha="left", fontsize=13, color=_INK, parse_math=False)

    _waveform(rows[0], audio, phrases)
    if explanation:
        _seconds(rows[1], explanation)
        _frequencies(figure.add_subplot(grid[2, 1]), explanation)
    _log_mel(rows[-2], audio)
    _probabilities(rows[-1], timeline)
    _radar(figure.add_subplot(grid[0:2, 1], projection="polar"), timeline)
    _legend(figure.add_subplot(grid[-1, 1]), timeline)
    for row in rows[:-1]:
        row.tick_params(labelbottom=False)
    rows[-1].set_xlabel("seconds")
    rows[0].set_xlim(0, max(audio.duration, 1e-3))
    with atomic(path) as temporary:
        figure.savefig(temporary, format="png")


def _headline(timeline: Timeline, title: str) -> str:
    scores = timeline.scores
    sure = ", unsure" if scores.unsure else ""
    return f"{title}{':  ' if title else ''}{scores.top} {scores.confidence:.0%}{sure}"


def _waveform(axes: Any, audio: Audio, phrases: Sequence[tuple[float, float]]) -> None:
    """Draw the highest and lowest sample of every column of pixels, and the phrases behind them."""
    step = max(1, len(audio.samples) // _COLUMNS)
    columns = audio.samples[: len(audio.samples) // step * step].reshape(-1, step)
    time = np.arange(len(columns)) * step / audio.sample_rate
    for start, end in phrases:
        axes.axvspan(start, end, color="#e8f0f7", linewidth=0)
    if len(columns):
        axes.fill_between(time, columns.min(axis=1), columns.max(axis=1), color=_INK, linewidth=0.4)
        peak = max(1e-4, float(np.abs(columns).max()) * 1.1)
        axes.set_ylim(-peak, peak)
    axes.set_ylabel("amplitude")
    axes.set_title("waveform, phrases shaded", loc="left", fontsize=9)
    _plain(axes)


def _influences(parts: Sequence[Any]) -> tuple[list[float], dict[str, Any]]:
    """Return the lengths of bars in points, and how the bars look."""
    colours = [_FOR if part.influence >= 0 else _AGAINST for part in parts]
    look = {"align": "edge", "color": colours, "edgecolor": "white", "linewidth": 0.5}
    return [100 * part.influence for part in parts], look


def _seconds(axes: Any, explanation: Explanation) -> None:
    parts = explanation.seconds
    points, look = _influences(parts)
    axes.bar([part.start for part in parts], points, [part.end - part.start for part in parts], **look)
    axes.axhline(0, color=_INK, linewidth=0.6)
    axes.margins(y=0.15)
    axes.set_ylabel("points")
    axes.set_title(
        f"what each stretch adds to {explanation.emotion} (blue) or takes from it (red)", loc="left", fontsize=9
    )
    _plain(axes)


def _log_mel(axes: Any, audio: Audio) -> None:
    decibels, top = log_mel(audio)
    highest = float(decibels.max()) if decibels.size else 0.0
    axes.imshow(
        decibels.T,
        origin="lower",
        aspect="auto",
        extent=(0, audio.duration, 0, _mel(top)),
        cmap="cividis",
        vmin=highest - _DYNAMICS,
        vmax=highest,
        interpolation="nearest",
    )
    _hertz(axes, top)
    axes.set_title(f"log-mel spectrogram, {_DYNAMICS:.0f} dB from dark to bright", loc="left", fontsize=9)


def _frequencies(axes: Any, explanation: Explanation) -> None:
    bands = explanation.frequencies
    points, look = _influences(bands)
    heights = [_mel(band.high) - _mel(band.low) for band in bands]
    axes.barh([_mel(band.low) for band in bands], points, heights, **look)
    axes.axvline(0, color=_INK, linewidth=0.6)
    _hertz(axes, bands[-1].high)
    axes.margins(x=0.15)
    axes.set_xlabel("points")
    axes.set_title("what each band adds", loc="left", fontsize=9)
    _plain(axes)


def _probabilities(axes: Any, timeline: Timeline) -> None:
    """Stack the probabilities over time; the picture stays empty while nobody speaks."""
    labels = timeline.scores.labels
    for run in _runs(timeline):
        middles = [(window.start + window.end) / 2 for window in run]
        # The first and the last window stand for all the sound that they cover.
        time = [run[0].start, *middles, run[-1].end]
        values = np.array([[window.probabilities[label] for label in labels] for window in run])
        values = np.concatenate([values[:1], values, values[-1:]])
        axes.stackplot(
            time, values.T * 100, colors=[_colour(label) for label in labels], edgecolor="white", linewidth=0.4
        )
    for stretch in timeline.stretches():
        axes.plot(
            [stretch.start, stretch.end], [104, 104], color=_colour(stretch.emotion), linewidth=6, solid_capstyle="butt"
        )
    axes.set_ylim(0, 108)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.set_ylabel("probability in %")
    axes.set_title("emotion through the recording, the one that holds on top", loc="left", fontsize=9)
    _plain(axes)


def _radar(axes: Any, timeline: Timeline) -> None:
    scores = timeline.scores
    angles = np.linspace(0, 2 * math.pi, len(scores.labels), endpoint=False)
    values = 100 * np.array(scores.probabilities)
    axes.set_theta_offset(math.pi / 2)
    axes.set_theta_direction(-1)
    axes.plot([*angles, angles[0]], [*values, values[0]], color=_INK, linewidth=1.2)
    axes.fill(angles, values, color=_colour(scores.top), alpha=0.5)
    colours = [_colour(label) for label in scores.labels]
    axes.scatter(angles, values, c=colours, s=22, edgecolors=_INK, linewidths=0.6, zorder=3)
    axes.set_xticks(angles)
    for angle, text in zip(angles, axes.set_xticklabels(scores.labels, fontsize=8), strict=True):
        side = math.sin(angle)
        text.set_horizontalalignment("center" if abs(side) < 0.1 else "left" if side > 0 else "right")
    axes.tick_params(axis="x", pad=2)
    limit = next(limit for limit in (25, 50, 100) if max(values) <= limit)
    rings = range(limit // 5, limit + 1, limit // 5)
    axes.set_ylim(0, limit)
    axes.set_yticks(rings)
    axes.set_yticklabels(
        [f"{ring} %" if ring in (rings[1], limit) else "" for ring in rings], fontsize=7, color="#666666"
    )
    axes.set_rlabel_position(180 / len(scores.labels))
    axes.grid(color=_FAINT, linewidth=0.5)
    axes.spines["polar"].set_color(_FAINT)
    axes.set_title("over all of it", fontsize=9, pad=10)


def _legend(axes: Any, timeline: Timeline) -> None:
    """List the emotions, the most likely first, with the colours of the stack and a bar each."""
    ranked = timeline.scores.ranked()
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(len(ranked) - 0.4, -0.6)
    for row, (label, probability) in enumerate(ranked):
        axes.barh(row, 0.06, left=0, height=0.62, color=_colour(label))
        axes.text(0.1, row, label, va="center", fontsize=9, color=_INK, weight="bold" if not row else "normal")
        axes.text(0.98, row, f"{probability:.1%}", va="center", ha="right", fontsize=9, color=_INK)


def log_mel(audio: Audio) -> tuple[NDArray[np.float64], float]:
    """Return the power in mel bands in dB, (columns, 64), and the highest frequency in Hz.

    A long recording is averaged to about 1200 columns; no more than one column's sound is transformed at a time.
    """
    step = max(_WINDOW // 2, math.ceil(len(audio.samples) / _COLUMNS))
    top = min(8000.0, audio.sample_rate / 2)
    filters = _filters(audio.sample_rate, top)
    columns = [
        filters @ _power(audio.samples[start : start + max(step, _WINDOW)])
        for start in range(0, max(1, len(audio.samples)), step)
    ]
    return 10 * np.log10(np.array(columns) + 1e-10), top


def _power(samples: Samples) -> NDArray[np.float64]:
    """Return the mean power spectrum of some sound, (257,)."""
    whole = max(1, math.ceil(len(samples) / _WINDOW))
    frames = np.pad(samples, (0, whole * _WINDOW - len(samples))).reshape(whole, _WINDOW) * np.hanning(_WINDOW)
    power: NDArray[np.float64] = np.square(np.abs(np.fft.rfft(frames, axis=1))).mean(axis=0)
    return power


def _filters(sample_rate: int, top: float) -> NDArray[np.float64]:
    """Return triangles that are even on the mel scale, (64, 257)."""
    edges = 700 * (10 ** (np.linspace(0, _mel(top), _MEL_BANDS + 2) / 2595) - 1)
    frequency = np.fft.rfftfreq(_WINDOW, 1 / sample_rate)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    # A triangle narrower than a bin would catch nothing.
    width = sample_rate / _WINDOW
    rising = (frequency - low) / np.maximum(middle - low, width)
    falling = (high - frequency) / np.maximum(high - middle, width)
    return np.maximum(0, np.minimum(rising, falling))


def _runs(timeline: Timeline) -> list[list[Any]]:
    """Split the windows where nobody speaks between them."""
    runs: list[list[Any]] = []
    for window in timeline.windows:
        if runs and window.start < runs[-1][-1].end:
            runs[-1].append(window)
        else:
            runs.append([window])
    return runs


def _hertz(axes: Any, top: float) -> None:
    axes.set_ylim(0, _mel(top))
    ticks = [tick for tick in _TICKS if tick <= top]
    axes.set_yticks([_mel(tick) for tick in ticks])
    axes.set_yticklabels([f"{tick / 1000:g} k" if tick >= 1000 else str(tick) for tick in ticks])
    axes.set_ylabel("Hz, mel scale")


def _mel(hertz: float) -> float:
    """Return a frequency on the mel scale (O'Shaughnessy, 1987)."""
    return 2595 * math.log10(1 + hertz / 700)


def _colour(label: str) -> str:
    return COLOURS.get(label, _OTHER)


def _plain(axes: Any) -> None:
    axes.spines[["top", "right"]].set_visible(False)

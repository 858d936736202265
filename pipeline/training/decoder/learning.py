"""The student learns: stretches of lessons, one step after the other; a run that was interrupted goes on."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from pipeline.core.files import atomic
from pipeline.core.values import Samples
from pipeline.synthesis.kokoro.features import HOP, TIMBRE, WINDOW, frame_numbers
from pipeline.synthesis.kokoro.parts import STEP, STEPS
from pipeline.synthesis.kokoro.source import pulses
from pipeline.training.decoder.distance import Ear
from pipeline.training.decoder.lessons import Lesson, read_lesson
from pipeline.training.decoder.network import Student, filtered, spectrum
from pipeline.training.decoder.settings import DecoderSettings
from pipeline.training.runs import Progress, write_json

__all__ = ["learn"]

_STATE: Final = "state.safetensors"
_STEP: Final = "state.json"
_KEPT_EVERY: Final = 250
"""Steps between two states on the disk: some minutes are lost at most."""
_WARM_UP: Final = 100
"""Steps in which the learning rate rises."""
_DECAY: Final = 1 / 3
"""Share of the steps, the last, in which the learning rate falls."""
_LEAST_RATE: Final = 0.02
"""Share of the learning rate that is left at the end."""
_BETAS: Final = (0.8, 0.99)
"""Of AdamW: the gradients of spectra change quickly."""
_LARGEST_GRADIENT: Final = 5.0
"""Norm that gradients are cut at."""
_AVERAGE: Final = 0.998
"""Of the weights from step to step: the average of about 500 steps is what ships."""
_PHASE_WEIGHT: Final = 3.0
"""Weight of the waves themselves beside the energy distance."""
_INNER_WEIGHT: Final = 0.3
"""Weight of what the teacher knows halfway; it falls to nothing at two thirds of the steps."""


@dataclass(frozen=True, eq=False)
class _Material:
    """A lesson, ready to be cut."""

    text: NDArray[np.float16]
    index: NDArray[np.int64]
    frame: Samples
    timbre: Samples
    inner: NDArray[np.floating[Any]]
    source: NDArray[np.float16]
    sound: NDArray[np.float16]


def learn(
    settings: DecoderSettings, lessons: Sequence[Path], run: Path, *, threads: int, progress: Progress
) -> Student:
    """Learn from lessons; a run that is in the folder goes on.

    Args:
        settings: Sizes and schedule.
        lessons: Files of the lessons.
        run: Folder of the run.
        threads: Computing threads.
        progress: Told every 50 steps.

    Returns:
        The mean of the last weights.
    """
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(settings.seed)
    student = Student(settings)
    average = copy.deepcopy(student)
    optimiser = torch.optim.AdamW(
        student.parameters(), lr=settings.learning_rate, betas=_BETAS, weight_decay=settings.weight_decay
    )
    step = _restored(run, student, average, optimiser)
    if step >= settings.steps:
        return average
    material = [_material(read_lesson(path)) for path in lessons]
    weights = [len(each.frame) for each in material]
    inner_scale = float(np.mean([np.abs(each.inner.astype(np.float32)).mean() for each in material]))
    ear, window = Ear(), torch.hann_window(WINDOW)
    told: list[dict[str, float]] = []
    while step < settings.steps:
        chance = random.Random(f"{settings.seed} {step}")  # noqa: S311
        torch.manual_seed(chance.getrandbits(32))
        chosen = chance.choices(material, weights, k=settings.batch_size)
        text, frame, timbre, inner, source, sound = _batch(chosen, settings.stretch, chance)
        filters, guess = student.both(text, frame, timbre)
        pulse = spectrum(source, window)
        first, second = (filtered(filters, pulse, torch.randn_like(sound), window) for _ in range(2))
        sizes = ear.drawn(chance)
        teacher, one, other = (ear.heard(each, sizes) for each in (sound, first, second))
        score = (ear.apart(teacher, one) + ear.apart(teacher, other) - ear.apart(one, other)) / 2
        voiced = frame[:, :, 1].repeat_interleave(STEP // HOP, dim=1)
        phase = ear.out_of_phase(first, sound, voiced)
        halfway = (guess - inner).abs().mean() / inner_scale
        loss = score + _PHASE_WEIGHT * phase + _INNER_WEIGHT * max(0.0, 1 - 1.5 * step / settings.steps) * halfway
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * _rate(step, settings.steps)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(student.parameters(), _LARGEST_GRADIENT)
        optimiser.step()
        step += 1
        _averaged(average, student, min(_AVERAGE, step / (step + 10)))
        told.append({"score": score.item(), "phase": phase.item(), "halfway": halfway.item()})
        if step % 50 == 0 or step == settings.steps:
            progress("learning", step, settings.steps, {key: float(np.mean([t[key] for t in told])) for key in told[0]})
            told = []
        if step % _KEPT_EVERY == 0 or step == settings.steps:
            _kept(run, step, student, average, optimiser)
    return average


def _rate(step: int, steps: int) -> float:
    """Return the share of the learning rate: up, level, down."""
    left = min(1.0, (steps - step) / (steps * _DECAY))
    return min(1.0, (step + 1) / _WARM_UP) * (_LEAST_RATE + (1 - _LEAST_RATE) * left)


@torch.no_grad()
def _averaged(average: Student, student: Student, share: float) -> None:
    for mean, weight in zip(average.parameters(), student.parameters(), strict=True):
        mean.lerp_(weight, 1 - share)


def _material(lesson: Lesson) -> _Material:
    intended = lesson.intended
    steps = STEPS * intended.frames
    return _Material(
        intended.text.T.astype(np.float16),
        np.repeat(np.arange(len(steps)), steps),
        frame_numbers(steps, intended.f0, intended.energy),
        intended.style[0, :TIMBRE],
        lesson.inner,
        pulses(intended.f0).astype(np.float16),
        lesson.sound.astype(np.float16),
    )


def _batch(chosen: Sequence[_Material], stretch: int, chance: random.Random) -> list[Tensor]:
    rows = []
    for each in chosen:
        first = chance.randrange(max(1, len(each.frame) - stretch + 1))
        frames = slice(first, first + stretch)
        samples = slice(first * STEP, (first + stretch) * STEP)
        rows.append((
            _long(each.text[each.index[frames]], stretch),
            _long(each.frame[frames], stretch),
            each.timbre,
            _long(each.inner[frames], stretch),
            _long(each.source[samples], stretch * STEP),
            _long(each.sound[samples], stretch * STEP),
        ))  # fmt: skip
    return [torch.from_numpy(np.stack(column).astype(np.float32)) for column in zip(*rows, strict=True)]


def _long(values: NDArray[Any], length: int) -> NDArray[Any]:
    """Return values with zeros behind, so that there are `length`."""
    return np.pad(values, [(0, length - len(values))] + [(0, 0)] * (values.ndim - 1))


def _kept(run: Path, step: int, student: Student, average: Student, optimiser: torch.optim.Optimizer) -> None:
    tensors: dict[str, Tensor] = {}
    for (name, weight), mean in zip(student.named_parameters(), average.parameters(), strict=True):
        moments = optimiser.state[weight]
        tensors |= {
            f"weight {name}": weight.detach(),
            f"mean {name}": mean.detach(),
            f"first {name}": moments["exp_avg"],
            f"second {name}": moments["exp_avg_sq"],
        }
    with atomic(run / _STATE) as temporary:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, temporary, {"step": str(step)})
    write_json(run / _STEP, {"step": step})


def _restored(run: Path, student: Student, average: Student, optimiser: torch.optim.Optimizer) -> int:
    """Return the step that a run has come to, 0 for a new one."""
    if not (run / _STEP).exists():
        return 0
    step = int(json.loads((run / _STEP).read_text(encoding="utf-8"))["step"])
    tensors = load_file(run / _STATE)
    with torch.no_grad():
        for (name, weight), mean in zip(student.named_parameters(), average.parameters(), strict=True):
            weight.copy_(tensors[f"weight {name}"])
            mean.copy_(tensors[f"mean {name}"])
            optimiser.state[weight] = {
                "step": torch.tensor(float(step)),
                "exp_avg": tensors[f"first {name}"],
                "exp_avg_sq": tensors[f"second {name}"],
            }
    return step

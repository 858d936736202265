"""From a file of texts to the voice that ships: choose, have read, learn, measure, write."""

from __future__ import annotations

import hashlib
import io
import random
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from pipeline.core.errors import UsageError
from pipeline.core.options import Options
from pipeline.core.values import Samples
from pipeline.synthesis.embedded.features import CARD, COEFFICIENTS, FRAME, MODEL
from pipeline.synthesis.embedded.script import CONTEXT
from pipeline.training.checkpoints import MODEL_CARD, model_card, today
from pipeline.training.checks import require_folders
from pipeline.training.libraries import require_modules
from pipeline.training.runs import begun, write_files, write_json
from pipeline.training.voice.examples import Example, chosen_sentences, prepared
from pipeline.training.voice.network import Speaker, Student, places_in
from pipeline.training.voice.settings import VoiceSettings
from pipeline.training.voice.teacher import TEACHER, require_teacher

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["train"]

Progress = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and of how much."""

_F0: Final = COEFFICIENTS
"""Place of the logarithm of F0 among the numbers of a frame."""
_DELTA: Final = 0.5
"""Weight of the change from frame to frame beside the frames: without it the voice warbles."""
_F0_WEIGHT: Final = 0.3
"""Weight of F0 in the loss; the envelope has 1."""
_VOICING_WEIGHT: Final = 0.3
"""Weight of voicing in the loss."""
_DURATION_WEIGHT: Final = 0.3
"""Weight of durations in the loss."""
_LARGEST_GRADIENT: Final = 1.0
"""Norm that gradients are cut at, so that one odd sentence does not undo many steps."""
_MOST_EXPANSION: Final = 1.25
"""Ratio by which deviations are enlarged at most: more is noise, not voice."""
_SEMITONES: Final = 12 / np.log(2)
"""Semitones of a ratio of e."""


def train(
    settings: VoiceSettings, texts: Path, work: Path, output: Path, *, threads: int = 1, progress: Progress
) -> dict[str, Any]:
    """Train the embedded voice.

    Args:
        settings: Sizes and schedule.
        texts: A file with a text on every line, up to the first tab.
        work: Folder for what the teacher read; a run goes on there.
        output: Folder of the voice.
        threads: Computing threads.
        progress: Told the step, how much of it is done, and of how much.

    Returns:
        The card, as it is written to `card.json`.

    Raises:
        UsageError: The texts cannot be read, or are too few.
        SettingsError: `work` holds what was read of other sentences.
        EngineMissing: Festival or its voice is not installed.
        OutputError: The folder cannot be written.
    """
    require_modules(("onnx",), "train")
    require_teacher()
    require_folders(run=work, output=output)
    torch.set_num_threads(threads)
    torch.manual_seed(settings.seed)
    sentences = chosen_sentences(texts, settings.sentences, settings.seed)
    if settings.held_out >= len(sentences):
        raise UsageError(
            f"Of {len(sentences)} sentences {settings.held_out} are held out, and none is left to learn from.",
            hint="Give fewer held_out in the settings, or more sentences.",
        )
    told = "\n".join(" ".join(word.text for word in words) for words in sentences)
    digest = hashlib.sha256(told.encode()).hexdigest()[:12]
    # Nothing but the sentences changes what is read: examples of others would be learned in their place.
    with begun(work, Options(), corpus=f"{texts.name} {digest}", clips=len(sentences), folds=0, protocol="voice"):
        examples = prepared(sentences, work, progress)
    held_out, learned = examples[: settings.held_out], examples[settings.held_out :]
    frames = np.concatenate([example.target for example in learned])
    mean, deviation = _statistics(frames)
    student = Student(settings)
    _learn(student, learned, mean, deviation, settings, progress)
    student.eval()
    expansion = _expansion(student, held_out, mean, deviation)
    speaker = Speaker(student, torch.from_numpy(mean), torch.from_numpy(deviation * expansion)).eval()
    model = _exported(speaker)
    card: dict[str, Any] = {
        "schema": 1,
        "name": "voice",
        "teacher": TEACHER,
        "texts": texts.name,
        "sentences": len(learned),
        "hours": round(len(frames) * FRAME / 3600, 2),
        "settings": settings.model_dump(),
        "parameters": sum(parameter.numel() for parameter in student.parameters()),
        "pitch": round(float(np.exp(np.median(frames[frames[:, -1] > 0.5, _F0]))), 1),
        "scores": _scores(student, held_out, mean, deviation, expansion),
        "sha256": hashlib.sha256(model).hexdigest(),
        "created": today(),
    }
    people = model_card("voice", card=card, model=MODEL, millions=card["parameters"] / 1e6)
    write_json(output / CARD, card)
    write_files(output, {MODEL: model, MODEL_CARD: people.encode()})
    return card


def _statistics(frames: Samples) -> tuple[Samples, Samples]:
    """Return the mean and deviation of mel-cepstrum and log F0, (51,) each; of F0 where there is a voice."""
    voiced = frames[frames[:, -1] > 0.5, _F0]
    mean = np.append(frames[:, :COEFFICIENTS].mean(axis=0), voiced.mean())
    deviation = np.append(frames[:, :COEFFICIENTS].std(axis=0), voiced.std())
    return mean.astype(np.float32), deviation.astype(np.float32)


def _learn(
    student: Student,
    examples: list[Example],
    mean: Samples,
    deviation: Samples,
    settings: VoiceSettings,
    progress: Progress,
) -> None:
    optimiser = torch.optim.AdamW(student.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    order = random.Random(settings.seed)  # noqa: S311
    steps = settings.epochs * -(-len(examples) // settings.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    # Coefficients that vary much are heard most; by the deviation alone the fine ones would never be learned.
    weight = torch.from_numpy(np.sqrt(deviation[:COEFFICIENTS]) / np.sqrt(deviation[:COEFFICIENTS]).mean())
    student.train()
    done = 0
    for _ in range(settings.epochs):
        for batch in _batches(examples, settings.batch_size, order):
            loss = _loss(student, _Batch(batch, mean, deviation), weight)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(student.parameters(), _LARGEST_GRADIENT)
            optimiser.step()
            schedule.step()
            done += 1
            progress("learning", done, steps)


def _batches(examples: list[Example], size: int, order: random.Random) -> Iterator[list[Example]]:
    """Yield batches of sentences of similar length, in an order of chance."""
    shuffled = sorted(examples, key=lambda example: len(example.target) * order.uniform(0.9, 1.1))
    batches = [shuffled[first : first + size] for first in range(0, len(shuffled), size)]
    order.shuffle(batches)
    yield from batches


class _Batch:
    """Sentences side by side, the shorter ones padded."""

    def __init__(self, examples: list[Example], mean: Samples, deviation: Samples) -> None:
        places, targets = [], []
        for example in examples:
            durations = torch.from_numpy(example.durations)
            index = torch.repeat_interleave(torch.arange(len(durations)), durations)
            since = torch.arange(len(index)) + 0.5 - (durations.cumsum(0) - durations)[index]
            places.append((index, places_in(since, durations[index].float())))
            standard = (example.target[:, :-1] - mean) / deviation
            targets.append(torch.from_numpy(np.append(standard, example.target[:, -1:], axis=1)))
        self.phones = _padded([torch.from_numpy(example.phones) for example in examples])
        self.context = _padded([torch.from_numpy(example.context) for example in examples])
        seconds = [(torch.from_numpy(example.durations).clamp(min=1) * FRAME).log() for example in examples]
        self.seconds = _padded(seconds)
        self.phone_mask = _padded([torch.ones(len(each)) for each in seconds])
        self.index = _padded([index for index, _ in places])
        self.places = _padded([place for _, place in places])
        self.target = _padded(targets)
        self.frame_mask = _padded([torch.ones(len(each)) for each in targets])


def _padded(values: list[Tensor]) -> Tensor:
    """Return values of several lengths, (length, ...), as one batch, zeros behind the shorter ones."""
    return pad_sequence(values, batch_first=True)


def _loss(student: Student, batch: _Batch, weight: Tensor) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        hidden, seconds = student.encode(batch.phones, batch.context, batch.phone_mask)
        frames = student.decode(hidden, batch.index, batch.places, batch.frame_mask)
    frames, seconds, mask = frames.float(), seconds.float(), batch.frame_mask
    both = mask[:, 1:] * mask[:, :-1]
    error = frames[..., :-1] - batch.target[..., :-1]
    change = error[:, 1:] - error[:, :-1]
    voiced = mask * batch.target[..., -1]
    envelope, moving = error[..., :_F0].abs() * weight, change[..., :_F0].abs() * weight
    voicing = functional.binary_cross_entropy_with_logits(frames[..., -1], batch.target[..., -1], reduction="none")
    return (
        _mean(envelope.mean(-1), mask)
        + _DELTA * _mean(moving.mean(-1), both)
        + _F0_WEIGHT * (_mean(error[..., _F0].abs(), voiced) + _DELTA * _mean(change[..., _F0].abs(), both))
        + _VOICING_WEIGHT * _mean(voicing, mask)
        + _DURATION_WEIGHT * _mean((seconds - batch.seconds).abs(), batch.phone_mask)
    )


def _mean(values: Tensor, mask: Tensor) -> Tensor:
    return (values * mask).sum() / mask.sum().clamp(min=1.0)


@torch.no_grad()
def _predicted(student: Student, example: Example, mean: Samples, deviation: Samples) -> tuple[Samples, Samples]:
    """Return the seconds of the phones, and the frames (frames, 52) at the teacher's durations."""
    batch = _Batch([example], mean, deviation)
    hidden, seconds = student.encode(batch.phones, batch.context, batch.phone_mask)
    frames = student.decode(hidden, batch.index, batch.places, batch.frame_mask)[0].numpy()
    spoken = np.append(frames[:, :-1] * deviation + mean, frames[:, -1:], axis=1)
    return seconds[0].exp().numpy(), spoken.astype(np.float32)


def _expansion(student: Student, examples: list[Example], mean: Samples, deviation: Samples) -> Samples:
    """Return by how much the deviations are to be enlarged, (51,), at most 1.25.

    What is learned from averages is flatter than its model, in spectrum and F0
    (Toda and Tokuda 2007, "A speech parameter generation algorithm considering global variance").
    """
    spoken = np.concatenate([_predicted(student, example, mean, deviation)[1] for example in examples])
    wanted = np.concatenate([example.target for example in examples])
    voiced = wanted[:, -1] > 0.5
    ratio = wanted[voiced, :-1].std(axis=0) / spoken[voiced, :-1].std(axis=0)
    expansion: Samples = np.clip(ratio, 1.0, _MOST_EXPANSION).astype(np.float32)
    return expansion


def _scores(
    student: Student, examples: list[Example], mean: Samples, deviation: Samples, expansion: Samples
) -> dict[str, float | int]:
    """Compare the student with the teacher on sentences that it did not learn from, at the teacher's durations."""
    distances, log_f0s, wanted_log_f0s, voicing, durations = [], [], [], [], []
    for example in examples:
        seconds, frames = _predicted(student, example, mean, deviation)
        wanted, voiced = example.target, example.target[:, -1] > 0.5
        speech = example.phones[np.repeat(np.arange(len(example.phones)), example.durations)] != 0
        error = (frames - wanted)[speech, 1:COEFFICIENTS]
        # 10/ln 10 × √2 of Kubichek (1993); the logarithm here is of the power, hence the half.
        distances.append(10 / np.log(10) * np.sqrt(2 * np.square(error / 2).sum(axis=1)))
        log_f0s.append(frames[voiced, _F0])
        wanted_log_f0s.append(wanted[voiced, _F0])
        voicing.append((frames[:, -1] > 0) != voiced)
        durations.append(np.abs(seconds - example.durations * FRAME)[example.phones != 0])
    log_f0, wanted_log_f0 = np.concatenate(log_f0s), np.concatenate(wanted_log_f0s)
    return {
        "mel_cepstral_distortion_db": round(float(np.concatenate(distances).mean()), 2),
        "f0_error_hz": round(float(np.sqrt(np.square(np.exp(log_f0) - np.exp(wanted_log_f0)).mean())), 1),
        "f0_correlation": round(float(np.corrcoef(log_f0, wanted_log_f0)[0, 1]), 3),
        "f0_deviation_semitones": round(float(log_f0.std() * expansion[-1] * _SEMITONES), 2),
        "f0_deviation_semitones_of_teacher": round(float(wanted_log_f0.std() * _SEMITONES), 2),
        "voicing_errors": round(float(np.concatenate(voicing).mean()), 4),
        "duration_error_ms": round(float(np.concatenate(durations).mean() * 1000), 1),
        "sentences": len(examples),
    }


def _exported(speaker: Speaker) -> bytes:
    """Return the voice as ONNX of opset 17."""
    file = io.BytesIO()
    phones = torch.zeros(12, dtype=torch.long)
    with warnings.catch_warnings():
        # torch recommends its newer exporter, which needs a package more and gives the same graph.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            speaker,
            (phones, torch.zeros(12, len(CONTEXT))),
            file,  # type: ignore[arg-type]
            input_names=["phones", "context"],
            output_names=["seconds", "cepstrum", "melody", "voicing"],
            dynamic_axes={
                **{name: {0: "phones"} for name in ("phones", "context", "seconds")},
                **{name: {0: "frames"} for name in ("cepstrum", "melody", "voicing")},
            },
            opset_version=17,
            dynamo=False,
        )
    return file.getvalue()

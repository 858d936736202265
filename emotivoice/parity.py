"""`python -m emotivoice.parity FOLDER`: does this package compute what the official one computes?

Runs every case of a folder of fixtures, whatever its sizes, and prints the largest error of each quantity.
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from emotivoice.acoustic import AcousticOutput, Adjustment
from emotivoice.folder import Models, WeightsFolder
from emotivoice.operations import compare_operations
from emotivoice.training.parity import compare_features, compare_teacher_forced
from pipeline.core.errors import ResayError

__all__ = ["main", "run_parity"]

TOLERANCE = 1e-4
"""Largest difference of any number that is allowed."""

Arrays = Mapping[str, Any]
Found = tuple[str, Tensor | np.ndarray, np.ndarray]
"""Quantity, what was computed, what was expected."""


class Parity:
    """Computes what a folder of fixtures holds.

    Args:
        folder: Checkpoints, configuration and cases.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = WeightsFolder(folder)
        self._models: Models = self._folder.load()
        self._pieces = self._folder.word_pieces()

    def utterance(self, case: Arrays) -> Iterator[Found]:
        """Compare one utterance, from texts to waveform."""
        if self._folder.optional("tokenlist"):
            numbers = self._folder.vocabulary.numbers(str(case["phonemes"]).split())
            yield "token_ids", np.array(numbers), case["token_ids"]
        vectors = {}
        for side, text in (("style", str(case["prompt"])), ("content", str(case["text"]))):
            pieces, length = self._models.style.bert.numbers([text], self._pieces)
            yield f"{side}_input_ids", pieces[0], case[f"{side}_input_ids"]
            output = self._models.style.classify(pieces, length)
            vectors[side] = output["embedding"]
            for name, value in output.items():
                yield f"{side}_{name}", value[0], case[f"{side}_{name}"]
        batch = {
            "tokens": torch.from_numpy(case["token_ids"])[None],
            "lengths": torch.tensor([len(case["token_ids"])]),
            "speakers": torch.from_numpy(case["speaker_id"]).view(1),
            "style": vectors["style"],
            "content": vectors["content"],
        }
        with _recorded(self._models) as recorded:
            output = self._models.acoustic(**batch)
            wave = self._models.vocoder(output.mel)
        for name in sorted(set(recorded) & set(case)):
            yield name, recorded[name].reshape(case[name].shape), case[name]
        yield from _compare(output, wave, case, "")
        streamed = torch.cat(list(self._models.vocoder.stream(output.mel)))
        yield "wav, streamed", streamed, case["wav"].reshape(-1)
        samples = np.clip(wave[0, 0].numpy() * 32768, -32768, 32767).astype(np.int16)
        yield "wav_int16", np.abs(samples.astype(int) - case["wav_int16"]) / 32768, np.zeros(len(samples))
        for alpha in sorted({name.split("_")[0] for name in case if name.startswith("alpha") and "_" in name}):
            slower = self._models.acoustic(**batch, adjustment=Adjustment(float(alpha.removeprefix("alpha"))))
            yield from _compare(slower, self._models.vocoder(slower.mel), case, f"{alpha}_")

    def batch(self, case: Arrays) -> Iterator[Found]:
        """Compare a batch: as the official code pads it, and as every item is alone."""
        names = ("token_ids", "lengths", "speaker_ids", "style_embedding", "content_embedding")
        arguments = [torch.from_numpy(case[name]) for name in names]
        adjustment = Adjustment(float(case["alpha"]) if "alpha" in case else 1.0)
        official = self._models.acoustic(*arguments, adjustment, official_batching=True)
        yield from _compare(official, self._models.vocoder(official.mel), case, "official_batch_")
        invariant = self._models.acoustic(*arguments, adjustment)
        for item, length in enumerate(case["lengths"]):
            alone = _item(invariant, item, int(length))
            yield from _compare(alone, self._models.vocoder(alone.mel), case, f"item{item}_")

    def kind_of(self, case: Arrays) -> Callable[[Arrays], Iterator[Found]] | None:
        """Tell by its arrays what a file holds."""
        kinds: dict[str, Callable[[Arrays], Iterator[Found]]] = {
            "loss_dur_loss": functools.partial(compare_teacher_forced, self._folder),
            "mel_align": compare_features,
            "gu_hs": compare_operations,
            "lengths": self.batch,
            "phonemes": self.utterance,
        }
        return next((compare for mark, compare in kinds.items() if mark in case), None)


@contextmanager
def _recorded(models: Models) -> Iterator[dict[str, Tensor]]:
    """Keep what the parts of the models compute, under the names of the fixtures."""
    acoustic, vocoder = models.acoustic, models.vocoder
    parts: dict[str, torch.nn.Module] = {
        "token_emb": acoustic.src_word_emb,
        "speaker_emb": acoustic.spk_tokenizer,
        "enc_posenc": acoustic.encoder.embed,
        "enc_out": acoustic.encoder,
        "pitch_emb": acoustic.pitch_embed,
        "energy_emb": acoustic.energy_embed,
        "dec_posenc": acoustic.decoder.embed,
        "dec_out": acoustic.decoder,
        "voc_conv_pre": vocoder.conv_pre,
    }
    for name, several in (
        ("enc_block", acoustic.encoder.encoders),
        ("dec_block", acoustic.decoder.encoders),
        ("voc_up", vocoder.ups),
    ):
        parts |= {f"{name}{number}": part for number, part in enumerate(several)}
    values: dict[str, Tensor] = {}

    def keep(name: str, _module: torch.nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        values[name] = inputs[0] if name == "upsample_in" else output

    parts["upsample_in"] = acoustic.upsampling
    handles = [part.register_forward_hook(functools.partial(keep, name)) for name, part in parts.items()]
    yield values
    for handle in handles:
        handle.remove()


def _compare(output: AcousticOutput, wave: Tensor, case: Arrays, prefix: str) -> Iterator[Found]:
    computed = {**vars(output), "log_duration": output.log_durations, "wav": wave}
    for name in ("joint", "log_duration", "durations", "pitch", "energy", "upsampled", "mel", "wav"):
        if (expected := case.get(f"{prefix}{name}")) is not None:
            value = computed[name]
            value = value.reshape(expected.shape) if value.numel() == expected.size else value
            yield f"{prefix}{name}", value, expected


def _item(output: AcousticOutput, item: int, tokens: int) -> AcousticOutput:
    """Cut one item out of a batch."""
    frames = int(output.mel_lengths[item])
    lengths = dict.fromkeys(vars(output), tokens) | {"mel": frames, "upsampled": frames}
    del lengths["mel_lengths"]
    cut = {name: vars(output)[name][item : item + 1, :length] for name, length in lengths.items()}
    return AcousticOutput(mel_lengths=output.mel_lengths[item : item + 1], **cut)


def difference(computed: Tensor | np.ndarray, expected: np.ndarray) -> float:
    """Return the largest absolute difference; infinite if the shapes differ or a number is missing."""
    values = computed.detach().numpy() if isinstance(computed, Tensor) else computed
    if values.shape != np.shape(expected):
        return float("inf")
    if not values.size:
        return 0.0
    largest = float(np.max(np.abs(values.astype(np.float64) - np.asarray(expected, np.float64))))
    return float("inf") if np.isnan(largest) else largest


@torch.inference_mode()
def run_parity(folder: Path, tolerance: float = TOLERANCE) -> bool:
    """Print the table of errors; return whether all are within the tolerance, and all integers exact.

    Raises:
        ResayError: The folder's models cannot be loaded, or it holds no case.
    """
    parity = Parity(folder)
    fine, cases = True, 0
    for file in sorted(folder.glob("*.npz")):
        with np.load(file, allow_pickle=False) as archive:
            case = {name: archive[name] for name in archive.files}
        compare = parity.kind_of(case)
        if compare is None:
            print(f"{file.name}: holds nothing that can be compared")
            continue
        cases += 1
        print(file.name)
        for quantity, computed, expected in compare(case):
            error = difference(computed, expected)
            exact = np.issubdtype(np.asarray(expected).dtype, np.integer)
            within = error == 0 if exact else error <= tolerance
            fine &= within
            print(f"  {quantity:32} {'exact' if exact and within else f'{error:.1e}'}{'' if within else '  BEYOND'}")
    if not cases:
        raise ResayError(f"'{folder}' holds no case to compare.")
    print(f"{'all' if fine else 'NOT all'} within {tolerance:g}")
    return fine


def main(argv: list[str] | None = None) -> int:
    """Read the command line; exit with 1 if an error is beyond the tolerance."""
    parser = argparse.ArgumentParser(prog="python -m emotivoice.parity", description=__doc__)
    parser.add_argument("folder", type=Path, help="checkpoints in the official layout, and cases as .npz")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE)
    arguments = parser.parse_args(argv)
    try:
        return 0 if run_parity(arguments.folder, arguments.tolerance) else 1
    except ResayError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

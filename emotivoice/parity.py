"""`python -m emotivoice.parity FOLDER`: does this package compute what the official one computes?

Runs every case of a folder of fixtures, whatever its sizes, and prints the largest error of each quantity.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from emotivoice.acoustic import AcousticOutput, Adjustment
from emotivoice.folder import Models, WeightsFolder
from emotivoice.frontend.tokens import Vocabulary
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
        vocabulary = self._folder.optional("tokenlist")
        if vocabulary is not None:
            yield (
                "token_ids",
                np.array(Vocabulary.read(vocabulary).numbers(str(case["phonemes"]).split())),
                case["token_ids"],
            )
        vectors = {}
        for side, text in (("style", str(case["prompt"])), ("content", str(case["text"]))):
            positions = self._models.style.bert.embeddings.position_embeddings.num_embeddings
            pieces = self._pieces(text, positions)
            yield f"{side}_input_ids", np.array(pieces), case[f"{side}_input_ids"]
            output = self._models.style.classify(torch.tensor([pieces]), torch.tensor([len(pieces)]))
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
        with _Recorder(self._models) as recorder:
            output = self._models.acoustic(**batch)
            wave = self._models.vocoder(output.mel)
        for name in sorted(set(recorder.values) & set(case)):
            yield name, recorder.values[name].reshape(case[name].shape), case[name]
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
        arguments = (
            torch.from_numpy(case["token_ids"]),
            torch.from_numpy(case["lengths"]),
            torch.from_numpy(case["speaker_ids"]),
            torch.from_numpy(case["style_embedding"]),
            torch.from_numpy(case["content_embedding"]),
        )
        adjustment = Adjustment(float(case["alpha"]) if "alpha" in case else 1.0)
        official = self._models.acoustic(*arguments, adjustment, official_batching=True)
        yield from _compare(official, self._models.vocoder(official.mel), case, "official_batch_")
        invariant = self._models.acoustic(*arguments, adjustment)
        for item, length in enumerate(case["lengths"]):
            alone = _item(invariant, item, int(length))
            yield from _compare(alone, self._models.vocoder(alone.mel), case, f"item{item}_")

    def operations(self, case: Arrays) -> Iterator[Found]:
        """Compare single operations."""
        from emotivoice.operations import compare_operations

        yield from compare_operations(case)

    def teacher_forced(self, case: Arrays) -> Iterator[Found]:
        """Compare the forward pass of training and its losses."""
        from emotivoice.training.parity import compare_teacher_forced

        yield from compare_teacher_forced(self._folder, case)

    def features(self, case: Arrays) -> Iterator[Found]:
        """Compare the features of training."""
        from emotivoice.training.parity import compare_features

        yield from compare_features(case)

    def kind_of(self, case: Arrays) -> Callable[[Arrays], Iterator[Found]] | None:
        """Tell by its arrays what a file holds."""
        for mark, method in (
            ("loss_dur_loss", self.teacher_forced),
            ("mel_align", self.features),
            ("gu_hs", self.operations),
            ("lengths", self.batch),
            ("phonemes", self.utterance),
        ):
            if mark in case:
                return method
        return None


class _Recorder:
    """Keeps what the parts of the models compute, under the names of the fixtures."""

    def __init__(self, models: Models) -> None:
        acoustic, vocoder = models.acoustic, models.vocoder
        self._parts: dict[str, torch.nn.Module] = {
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
        self._parts |= {f"enc_block{number}": block for number, block in enumerate(acoustic.encoder.encoders)}
        self._parts |= {f"dec_block{number}": block for number, block in enumerate(acoustic.decoder.encoders)}
        self._parts |= {f"voc_up{number}": up for number, up in enumerate(vocoder.ups)}
        self._upsampling = acoustic.upsampling
        self.values: dict[str, Tensor] = {}

    def __enter__(self) -> _Recorder:
        self._handles = [part.register_forward_hook(self._keeper(name)) for name, part in self._parts.items()]
        self._handles.append(self._upsampling.register_forward_pre_hook(self._keep_input))
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _keeper(self, name: str) -> Callable[..., None]:
        def keep(_module: torch.nn.Module, _inputs: object, output: Tensor) -> None:
            self.values[name] = output

        return keep

    def _keep_input(self, _module: torch.nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self.values["upsample_in"] = inputs[0]


def _compare(output: AcousticOutput, wave: Tensor, case: Arrays, prefix: str) -> Iterator[Found]:
    computed = {
        "joint": output.joint,
        "log_duration": output.log_durations,
        "durations": output.durations,
        "pitch": output.pitch,
        "energy": output.energy,
        "upsampled": output.upsampled,
        "mel": output.mel,
        "wav": wave,
    }
    for name, value in computed.items():
        expected = case.get(f"{prefix}{name}")
        if expected is not None:
            yield (
                f"{prefix}{name}",
                value.reshape(expected.shape) if value.numel() == expected.size else value,
                expected,
            )


def _item(output: AcousticOutput, item: int, length: int) -> AcousticOutput:
    """Cut one item out of a batch."""
    frames = int(output.mel_lengths[item])
    tokens = slice(0, length)
    return AcousticOutput(
        output.mel[item : item + 1, :frames],
        output.mel_lengths[item : item + 1],
        output.durations[item : item + 1, tokens],
        output.spans[item : item + 1, tokens],
        output.log_durations[item : item + 1, tokens],
        output.pitch[item : item + 1, tokens],
        output.energy[item : item + 1, tokens],
        output.joint[item : item + 1, tokens],
        output.upsampled[item : item + 1, :frames],
    )


def difference(computed: Tensor | np.ndarray, expected: np.ndarray) -> float:
    """Return the largest absolute difference; infinite where the shapes differ or a number is missing."""
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
    """Read the command line; exit with 1 where an error is beyond the tolerance."""
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

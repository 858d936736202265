"""What the fine-tuned encoders share: training in epochs, early stopping, averaged weights, export."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from pydantic import Field

from pipeline.audio.loudness import normalised
from pipeline.core.errors import SettingsError
from pipeline.core.files import named_if_damaged
from pipeline.core.values import Audio
from pipeline.recognition.speech.features.moonshine import SAMPLE_RATE
from pipeline.training.batches import batches_of_like_length, parts_of
from pipeline.training.corpora import Recording
from pipeline.training.libraries import load_torch
from pipeline.training.speech.augmentation import augmented
from pipeline.training.speech.models import Clips, Validation
from pipeline.training.speech.models.discriminant import linear_discriminant
from pipeline.training.speech.models.settings import ModelSettings
from pipeline.training.speech.models.torch_backend import chosen_device, exported

if TYPE_CHECKING:
    import onnx
    import torch

    from pipeline.training.speech.models.torch_layers import FineTunedNetwork, Kept

__all__ = ["FineTuningSettings", "TorchModel"]

Sound = NDArray[np.floating]
"""One version of a clip, (samples, 1)."""

Place = tuple[int, int]
"""Number of a clip and of its version."""

_BUCKET = 8
"""Batches whose clips are sorted by length together."""


class FineTuningSettings(ModelSettings):
    """Training of an encoder together with its head, in epochs."""

    features: Literal["waveform"] = "waveform"
    epochs: int = Field(12, ge=1)
    """Most times that every clip is seen, each time as the clean clip or as one of its copies."""
    batch_size: int = Field(32, ge=1)
    lr: float = Field(1e-3, gt=0)
    """Highest learning rate of the head; all rates rise over a tenth of the steps and fall along a cosine."""
    encoder_lr: float = Field(1e-4, gt=0)
    """Highest learning rate of the encoder's highest layer."""
    layer_decay: float = Field(0.8, gt=0, le=1)
    """Share of its rate that each layer passes on to the one below it."""
    frozen_layers: int = Field(3, ge=0)
    """Transformer layers, from below, that stay as they are; the convolutions below them always do."""
    weight_decay: float = Field(0.05, ge=0)
    dropout: float = Field(0.5, ge=0, lt=1)
    hidden_size: int = Field(256, ge=1)
    label_smoothing: float = Field(0.1, ge=0, lt=1)
    mixup: float = Field(0.4, ge=0)
    """Both parameters of the beta distribution that mixes the statistics of pairs of clips; 0 for none."""
    augmentation: float = Field(0.0, ge=0, le=1)
    """Share of the clips that are augmented anew each time, beside the copies that were made before.

    Above 0 what lies below the trained layers must be computed again in every epoch.
    """
    clean: float = Field(0.3, ge=0, le=1)
    """Share of the clips that are seen clean where there are copies."""
    averaging: float = Field(0.0, ge=0, lt=1)
    """Share that the moving average of the weights keeps at each step; the average is the model. 0 for none."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """What training computes in; bfloat16 is faster where the processor knows it."""
    patience: int = Field(0, ge=0)
    """Epochs without a better accuracy on held-out training speakers before training stops; 0 trains to the end."""


class TorchModel(ABC):
    """An encoder that is trained along with its head; what they are made of, `built` says.

    Args:
        settings: How it is built and trained.
        size: Numbers per frame: 1, as the frames are samples.
        labels: Number of emotions.
        threads: Threads of torch; 0 leaves the choice to it.

    Raises:
        EngineMissing: torch is not installed.
        WeightsMissing: The encoder is not on this machine.
    """

    discriminant: float = 0.0
    """Weight of the discriminant's logits beside the network's."""
    ridge: float = 3e-4
    """Shrinkage of the discriminant's covariance, as a share of its trace."""

    def __init__(self, settings: FineTuningSettings, size: int, labels: int, threads: int = 1) -> None:
        load_torch(threads)
        self.settings = settings
        self.labels = labels
        self.network = self.built()

    @abstractmethod
    def built(self) -> FineTunedNetwork:
        """Return the encoder as it was found, and a head that knows nothing."""

    def fit(
        self,
        clips: Clips,
        labels: Sequence[int],
        *,
        seed: int,
        progress: Callable[[int, dict[str, float]], None] = lambda epoch, values: None,
        validation: Validation | None = None,
        recordings: Sequence[Recording] = (),
    ) -> None:
        """Train from the encoder as it was found; keep the best epoch where `validation` and `patience` are given.

        Args:
            clips: For every clip its versions, (samples, 1) each, the clean one first.
            labels: Number of each clip's emotion.
            seed: Seed of all chance.
            progress: Called after every epoch with its number and `{"loss", "accuracy", "validation"}`.
            validation: Clips of other speakers, whose accuracy tells when to stop.
            recordings: Not used.
        """
        torch, settings = load_torch(), self.settings
        torch.manual_seed(seed)
        random = np.random.default_rng(seed)
        self.network = self.built().to(chosen_device())
        examples = [list(versions) for versions in clips]
        sounds = _Sounds(self.network, examples)
        held = _Sounds(self.network, [versions[:1] for versions in validation[0]] if validation else [])
        heard = _Changing(self.network, examples, settings.augmentation, random) if settings.augmentation else sounds
        self._adapt(sounds)
        if self.discriminant:
            self._discriminate(sounds, labels)
        optimiser, averaged = self._optimiser(), self._averaged()
        steps = settings.epochs * math.ceil(len(examples) / settings.batch_size)
        rate = torch.optim.lr_scheduler.LambdaLR(optimiser, _warm_cosine(steps))
        best, best_epoch, kept = -1.0, 0, None
        for epoch in range(1, settings.epochs + 1):
            self.network.train()
            loss_sum = right = 0.0
            for chosen in batches_of_like_length(sounds.lengths, settings.batch_size, _BUCKET, random):
                batch = heard.batch([(clip, self._version(examples[clip], random)) for clip in chosen.tolist()])
                loss, correct = self._stepped(optimiser, batch, np.asarray(labels)[chosen], random)
                rate.step()
                if averaged is not None:
                    averaged.update_parameters(self.network)
                loss_sum, right = loss_sum + loss * len(chosen), right + correct
            figures = {"loss": loss_sum / len(examples), "accuracy": right / len(examples)}
            judge = self.network if averaged is None else averaged.module
            if validation:
                figures["validation"] = self._accuracy(judge, held, validation[1])
                if figures["validation"] > best:
                    best, best_epoch = figures["validation"], epoch
                    kept = {name: value.clone() for name, value in judge.state_dict().items()}
            progress(epoch, figures)
            if validation and settings.patience and epoch - best_epoch >= settings.patience:
                break
        self.network.load_state_dict(kept if kept and settings.patience else judge.state_dict())

    def logits(self, clips: Iterable[Sound]) -> NDArray[np.float32]:
        """Return float32 (clips, labels), each clip judged alone as it is in serving."""
        torch = load_torch()
        self.network.eval()
        with torch.no_grad():
            answers = [self.network(_waveform(self.network, clip)).cpu().numpy() for clip in clips]
        return np.concatenate(answers)

    def save_weights(self, path: Path) -> None:
        """Write the weights, those of the encoder included, as safetensors."""
        from safetensors.torch import save

        path.write_bytes(save({name: value.cpu().contiguous() for name, value in self.network.state_dict().items()}))

    def load_weights(self, path: Path) -> None:
        """Read weights that `save_weights` wrote for the same settings.

        Raises:
            SettingsError: The weights are those of another network.
        """
        from safetensors.torch import load_file

        with named_if_damaged(path):
            stored, own = load_file(path), self.network.state_dict()
        if {name: value.shape for name, value in stored.items()} != {name: value.shape for name, value in own.items()}:
            raise SettingsError(f"{path} holds the weights of another network than these settings describe.")
        self.network.load_state_dict(stored)

    def graph(self) -> onnx.ModelProto:
        """Return the network as ONNX, from `waveform`, float32 (1, samples) at 16 kHz, to logits (1, labels)."""
        return exported(self.network.cpu().eval())

    def _version(self, versions: Sequence[Sound], random: Generator) -> int:
        if len(versions) == 1 or random.random() < self.settings.clean:
            return 0
        return int(random.integers(1, len(versions)))

    def _adapt(self, sounds: _Sounds) -> None:
        """Take the constants of the standardisation from the clean clips, as the encoder was found."""
        torch = load_torch()
        self.network.eval()
        with torch.no_grad():
            found = [self.network.vectors(batch) for _, batch in sounds.clean(self.settings.batch_size)]
        self.network.head.adapt(torch.cat(found))

    def _discriminate(self, sounds: _Sounds, labels: Sequence[int]) -> None:
        """Find the discriminant of what training does not change, over all versions."""
        torch, head = load_torch(), self.network.head
        places = [(clip, version) for clip, versions in enumerate(sounds.examples) for version in range(len(versions))]
        values = head.standardised(torch.cat([sounds.kept(*place).statistics for place in places]))
        classes = np.array([labels[clip] for clip, _ in places])
        weights, bias = linear_discriminant(values.cpu().numpy(), classes, len(head.discriminant_bias), self.ridge)
        head.discriminant.copy_(torch.from_numpy(self.discriminant * weights))
        head.discriminant_bias.copy_(torch.from_numpy(self.discriminant * bias))

    def _accuracy(self, network: FineTunedNetwork, sounds: _Sounds, labels: Sequence[int]) -> float:
        """Return which share of the clean clips a network answers right."""
        right = 0
        network.eval()
        with load_torch().no_grad():
            for clips, batch in sounds.clean(self.settings.batch_size):
                right += int(np.sum(network.judged(batch).argmax(1).cpu().numpy() == np.asarray(labels)[clips]))
        return right / len(sounds.examples)

    def _optimiser(self) -> torch.optim.Optimizer:
        """Return AdamW with a rate for the head and one for every layer of the encoder that is trained."""
        settings, adamw = self.settings, load_torch().optim.AdamW
        for parameter in self.network.parameters():
            parameter.requires_grad_(False)
        groups: list[dict[str, Any]] = [{"params": self.network.readers(), "lr": settings.lr}]
        for depth, layer in enumerate(self.network.trained_layers()):
            groups.append({"params": layer, "lr": settings.encoder_lr * settings.layer_decay**depth})
        for group in groups:
            for parameter in group["params"]:
                parameter.requires_grad_(True)
        return adamw(groups, weight_decay=settings.weight_decay)  # type: ignore[no-any-return]

    def _averaged(self) -> Any:
        if not self.settings.averaging:
            return None
        from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

        return AveragedModel(self.network, multi_avg_fn=get_ema_multi_avg_fn(self.settings.averaging))  # type: ignore[no-untyped-call]

    def _stepped(
        self, optimiser: torch.optim.Optimizer, batch: Kept, labels: NDArray[np.integer], random: Generator
    ) -> tuple[float, float]:
        """Take one step down the gradient; return the loss and how many clips were answered right."""
        torch, settings, network = load_torch(), self.settings, self.network
        target = torch.from_numpy(np.eye(self.labels, dtype=np.float32)[labels]).to(batch.frames.device)
        with self._autocast(batch):
            vectors = network.head.standardised(network.vectors(batch))
            if settings.mixup:
                drawn = random.beta(settings.mixup, settings.mixup, (len(labels), 1)).astype(np.float32)
                share, partners = torch.from_numpy(drawn).to(vectors.device), random.permutation(len(labels))
                vectors = share * vectors + (1 - share) * vectors[partners]
                target = share * target + (1 - share) * target[partners]
            logits = network.head(vectors).float()
        loss = torch.nn.functional.cross_entropy(logits, target, label_smoothing=settings.label_smoothing)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([entry for group in optimiser.param_groups for entry in group["params"]], 1.0)
        optimiser.step()
        return float(loss.detach()), float((logits.argmax(1) == target.argmax(1)).sum())

    def _autocast(self, batch: Kept) -> AbstractContextManager[Any]:
        torch = load_torch()
        context: AbstractContextManager[Any] = torch.autocast(
            batch.frames.device.type, torch.bfloat16, enabled=self.settings.precision == "bfloat16"
        )
        return context


class _Sounds:
    """Clips as the network keeps them: found once, as training changes nothing about it."""

    def __init__(self, network: FineTunedNetwork, examples: Sequence[Sequence[Sound]]) -> None:
        self.network = network
        self.examples = examples
        self.lengths = [len(versions[0]) for versions in examples]
        self._found: dict[tuple[int, int], Kept] = {}

    def batch(self, places: Sequence[Place]) -> Kept:
        """Return versions of clips as a batch."""
        from pipeline.training.speech.models.torch_layers import joined

        return joined([self.kept(*place) for place in places])

    def kept(self, clip: int, version: int) -> Kept:
        """Return what the network keeps of a version."""
        if (clip, version) not in self._found:
            self._found[clip, version] = _kept(self.network, self.examples[clip][version])
        return self._found[clip, version]

    def clean(self, size: int) -> Iterator[tuple[NDArray[np.int64], Kept]]:
        """Yield the clean clips in batches of like length, with their numbers."""
        for part in parts_of(np.argsort(self.lengths), size):
            yield part, self.batch([(int(clip), 0) for clip in part])


class _Changing(_Sounds):
    """Clips of which some are augmented anew each time, and brought to the level that is served."""

    def __init__(
        self, network: FineTunedNetwork, examples: Sequence[Sequence[Sound]], share: float, random: Generator
    ) -> None:
        super().__init__(network, examples)
        self.share = share
        self.random = random

    def kept(self, clip: int, version: int) -> Kept:
        """Return what the network keeps of a version, or of what became of it."""
        if self.random.random() >= self.share:
            return super().kept(clip, version)
        changed = augmented(self.examples[clip][version][:, 0].astype(np.float32), self.random)
        return _kept(self.network, normalised(Audio(changed, SAMPLE_RATE)).samples[:, np.newaxis])


def _kept(network: FineTunedNetwork, sound: Sound) -> Kept:
    """Return what a network keeps of one clip."""
    torch = load_torch()
    training = network.training
    network.eval()
    with torch.no_grad():
        found = network.kept(_waveform(network, sound))
    network.train(training)
    return found


def _waveform(network: FineTunedNetwork, sound: Sound) -> torch.Tensor:
    """Return a clip as a batch of one, where the network is."""
    waveform: torch.Tensor = load_torch().from_numpy(sound.astype(np.float32).T.copy())
    return waveform.to(next(network.parameters()).device)


def _warm_cosine(steps: int) -> Callable[[int], float]:
    """Return the share of the highest rate at each step: up over a tenth of the steps, then down along a cosine."""
    warm = max(1, steps // 10)

    def share(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))

    return share

"""The training loop: generator against discriminators, from scratch or from a checkpoint, on one device or more."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from emotivoice.acoustic import padding_mask
from emotivoice.checkpoints import load_into, read_weights, split_weight_norm
from emotivoice.configuration import BertSizes, Configuration
from emotivoice.engine import EmotiVoice
from emotivoice.folder import WeightsFolder, make_style
from emotivoice.random_weights import save_generator, save_style, write_random_weights
from emotivoice.training.data import BucketSampler, Recordings, collate, read_list
from emotivoice.training.discriminators import Discriminators
from emotivoice.training.features import loss_mel
from emotivoice.training.losses import adversarial_loss, discriminator_loss, feature_loss, spectral_loss
from emotivoice.training.model import Batch, Generator, Taught, cut_segments
from emotivoice.training.process import Process
from emotivoice.training.settings import TrainingSettings
from pipeline.core.errors import ResayError, WeightsMissing
from pipeline.core.files import atomic
from pipeline.core.messages import reason

__all__ = ["Trainer"]

WEIGHTS = {"mel": 45.0, "duration": 1.0, "pitch": 1.0, "energy": 1.0, "forward_sum": 2.0, "binarisation": 2.0}
"""Of the generator's losses, as in the official training."""

SMALL_BERT = {
    "vocab_size": 0,
    "hidden_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 256,
    "max_position_embeddings": 512,
}
"""The prompt encoder of a model from scratch; its width is that of the configuration."""


class Trainer:
    """One training run.

    Args:
        configuration: A `config.yaml` with a section `training`.

    Raises:
        ResayError: The configuration, the data or the weights to start from are wrong.
    """

    def __init__(self, configuration: Path) -> None:
        self.settings = TrainingSettings.read(configuration)
        self.sizes = Configuration.read(configuration)
        settings = self.settings
        self.process = Process.join(settings.device)
        torch.manual_seed(settings.seed + self.process.rank)
        lines = read_list(settings.data)
        speakers = sorted({recording.speaker for recording in lines})
        if self.process.is_first:
            self._prepare_output(configuration, speakers)
        if self.process.world > 1:
            torch.distributed.barrier()
        self._files = WeightsFolder(settings.output)
        self._pieces = self._files.word_pieces()
        self.speakers = (settings.output / "speaker2").read_text(encoding="utf-8").split()
        self._load_models()
        kept = min(settings.validation, max(len(lines) - 1, 0))
        training, validation = (lines[:-kept], lines[-kept:]) if kept else (lines, lines[:1])
        self._training, self._validation = self._recordings(training), self._recordings(validation)
        self._sampler = BucketSampler(
            self._training, settings.batch, settings.seed, self.process.rank, self.process.world
        )
        self._embedded: dict[str, Tensor] = {}
        self._writer = self._tensorboard() if self.process.is_first else None

    def run(self) -> list[float]:
        """Train to the last step; write checkpoints, validation and a journal.

        Returns:
            The spectral loss of every step.
        """
        losses: list[float] = []
        begin = time.monotonic()
        for batch in self._batches() if self.step < self.settings.steps else ():
            found = self._step(batch)
            self.step += 1
            losses.append(found["mel"])
            if self.process.is_first and (self.step % 50 == 0 or self.step == 1):
                self._note(found, time.monotonic() - begin)
            if self.process.is_first and self.step % self.settings.validate_every == 0:
                self.validate()
            last = self.step >= self.settings.steps
            if self.process.is_first and (last or self.step % self.settings.checkpoint_every == 0):
                self.save()
            if last:
                break
        if self._writer is not None:
            self._writer.close()
        if self.process.world > 1:
            torch.distributed.destroy_process_group()
        return losses

    def validate(self) -> dict[str, float]:
        """Return the losses on the recordings kept for it, and speak their sentences."""
        self.generator.eval()
        with torch.no_grad():
            batch = self._embed(collate([self._validation[place] for place in range(len(self._validation))]))
            taught = self.generator.teach(batch)
            waves = self.generator.generator(taught.frames)[:, 0]
            time = min(waves.shape[1], batch.waves.shape[1])
            losses = {name: float(value) for name, value in taught.losses.items()}
            losses["mel"] = float(
                functional.l1_loss(
                    loss_mel(waves[:, :time], self.sizes.audio), loss_mel(batch.waves[:, :time], self.sizes.audio)
                )
            )
        self.generator.train()
        self.save(speak=True)
        self._journal({"validation": True, **losses})
        return losses

    def save(self, speak: bool = False) -> None:
        """Write a checkpoint in the official layout, and if asked for the validation sentences as speech."""
        output = self.settings.output
        save_generator(output / f"g_{self.step:08d}", self.generator)
        save_style(output / f"checkpoint_{self.step}", self.style)
        state = {
            "discriminator": self.discriminators.state_dict(),
            "optim_g": self._optimizer.state_dict(),
            "optim_d": self._discriminator_optimizer.state_dict(),
            "steps": self.step,
            "epoch": self.epoch,
        }
        with atomic(output / f"do_{self.step:08d}") as draft:
            torch.save(state, draft)
        for pattern in ("g_????????", "do_????????"):
            for old in sorted(output.glob(pattern))[: -self.settings.keep_checkpoints]:
                old.unlink()
        numbered = sorted(output.glob("checkpoint_*"), key=lambda path: int(path.name.partition("_")[2]))
        for old in numbered[:-1]:
            old.unlink()
        if speak:
            self._speak()

    def _step(self, batch: Batch) -> dict[str, float]:
        """Teach generator and discriminators one batch."""
        segment = self.sizes.audio.segment_frames
        room = (batch.mel_lengths - segment).clamp(min=0)
        starts = (torch.rand(len(room), device=room.device) * (room + 1)).long()
        with self._half():
            taught, fake = self._shared_generator(batch, starts, segment)
        fake = fake.float()
        hop = self.sizes.audio.hop_length
        real = cut_segments(batch.waves, starts * hop, segment * hop)[:, None]
        adversarial = self.step >= self.settings.adversarial_from and not self.settings.only_speakers
        losses = dict(taught.losses)
        if adversarial:
            with self._half():
                judged, _ = self._shared_discriminators(torch.cat([real, fake.detach()]))
            halves = [score.float().chunk(2) for score in judged]
            losses["discriminator"] = discriminator_loss([half[0] for half in halves], [half[1] for half in halves])
            self._discriminator_optimizer.zero_grad()
            losses["discriminator"].backward()
            self._discriminator_optimizer.step()
        losses["mel"] = functional.l1_loss(
            loss_mel(fake[:, 0], self.sizes.audio), loss_mel(real[:, 0], self.sizes.audio)
        )
        total = sum(weight * losses[name] for name, weight in WEIGHTS.items())
        if self.settings.frame_weight:
            losses["frames"] = _frame_loss(taught, batch)
            total = total + self.settings.frame_weight * losses["frames"]
        if self.settings.spectral_weight:
            losses["spectral"] = spectral_loss(fake[:, 0], real[:, 0])
            total = total + self.settings.spectral_weight * losses["spectral"]
        if adversarial:
            # The discriminators only carry the gradient here; they do not learn from it.
            self.discriminators.requires_grad_(False)
            with self._half():
                scores, maps = self.discriminators(torch.cat([real, fake]))
            self.discriminators.requires_grad_(True)
            losses["adversarial"] = adversarial_loss([score.float().chunk(2)[1] for score in scores])
            losses["feature"] = feature_loss(
                [[feature.chunk(2)[0] for feature in judge] for judge in maps],
                [[feature.chunk(2)[1] for feature in judge] for judge in maps],
            )
            total = total + losses["adversarial"] + losses["feature"]
        self._optimizer.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(self.generator.parameters(), 1000.0)
        self._optimizer.step()
        self._forget_content()
        return {name: float(value.detach()) for name, value in losses.items()} | {"total": float(total.detach())}

    def _half(self) -> torch.autocast:
        """Compute in half precision if that was asked for."""
        return torch.autocast(self.process.device.type, torch.bfloat16, enabled=self.settings.half)

    def _batches(self) -> Iterator[Batch]:
        """Yield batches, epoch after epoch, until nobody asks for more."""
        loader = DataLoader(
            self._training, batch_sampler=self._sampler, collate_fn=collate, num_workers=self.settings.workers
        )
        while True:
            self._sampler.epoch = self.epoch
            for content in loader:
                yield self._embed(content)
            self.epoch += 1
            for optimizer in (self._optimizer, self._discriminator_optimizer):
                for group in optimizer.param_groups:
                    group["lr"] *= self.settings.decay

    def _embed(self, content: dict[str, Any]) -> Batch:
        """Put the vectors of prompts and texts into a batch."""
        prompts, texts = content.pop("prompts"), content.pop("texts")
        style = self._vectors(prompts, learning=self.settings.train_style and torch.is_grad_enabled())
        content_vectors = (
            torch.zeros_like(style) if self.settings.ignore_content else self._vectors(texts, learning=False)
        )
        return Batch(style=style, content=content_vectors, **content).to(self.process.device)

    def _vectors(self, texts: list[str], learning: bool) -> Tensor:
        if not learning and not self.settings.train_style:
            # The encoder stands still: what was embedded once need not be again.
            for text in texts:
                if text not in self._embedded:
                    self._embedded[text] = self._run_style([text])[0].detach()
            return torch.stack([self._embedded[text] for text in texts])
        with torch.set_grad_enabled(learning):
            return self._run_style(texts)

    def _run_style(self, texts: list[str]) -> Tensor:
        with torch.set_grad_enabled(torch.is_grad_enabled() and self.settings.train_style):
            return self._shared_bert(*self.style.bert.numbers(texts, self._pieces))[1]

    def _prepare_output(self, configuration: Path, speakers: list[str]) -> None:
        """Make the output folder speak at once: configuration, lists, and the weights to start from."""
        output, start = self.settings.output, self.settings.start
        output.mkdir(parents=True, exist_ok=True)
        if any(output.glob("g_????????")):
            return
        if start is None:
            bert = {**SMALL_BERT, "hidden_size": self.sizes.style_width}
            write_random_weights(output, configuration.read_text(encoding="utf-8"), bert, speakers, self.settings.seed)
            return
        source = WeightsFolder(start)
        known = [speaker.name for speaker in source.voices.speakers]
        new = [speaker for speaker in speakers if speaker not in known]
        (output / "speaker2").write_text("\n".join([*known, *new]) + "\n", encoding="utf-8")
        (output / "config.yaml").write_text(configuration.read_text(encoding="utf-8"), encoding="utf-8")
        shutil.copytree(source.bert, output / source.bert.name, dirs_exist_ok=True)
        torch.save({"model": read_weights(source.style_encoder)}, output / "checkpoint_0")
        weights = read_weights(source.generator)
        table = weights["am.spk_tokenizer.weight"]
        if len(known) != len(table):
            raise WeightsMissing(
                f"'{start}' has {len(table)} speakers and a list of {len(known)}.",
                "Put its speaker2 beside the weights.",
            )
        weights["am.spk_tokenizer.weight"] = torch.cat([table, torch.randn(len(new), table.shape[1])])
        torch.save({"generator": weights}, output / "g_00000000")

    def _load_models(self) -> None:
        settings, device = self.settings, self.process.device
        newest = self._files.generator
        weights = read_weights(newest)
        self._vocabulary = self._files.vocabulary
        self.generator = Generator(self.sizes, weights["am.src_word_emb.weight"].shape[0], len(self.speakers))
        load_into(self.generator, split_weight_norm(weights, self.generator.state_dict()), f"'{newest}'")
        self.generator.to(device).train()
        sizes = BertSizes.read(self._files.bert / "config.json")
        self.style = make_style(sizes, read_weights(self._files.style_encoder), str(self._files.style_encoder))
        self.style.to(device).eval().requires_grad_(settings.train_style)
        self.discriminators = Discriminators(settings.discriminator_width).to(device)
        self.step = self.epoch = 0
        if settings.only_speakers:
            self.generator.requires_grad_(False)
            self.generator.am.spk_tokenizer.requires_grad_(True)
        learning = [value for value in self.generator.parameters() if value.requires_grad]
        # The prompt encoder is a transformer that other parts read through one layer: it learns more carefully.
        groups: list[dict[str, Any]] = [{"params": learning}]
        if settings.train_style:
            groups.append({"params": list(self.style.bert.parameters()), "lr": settings.learning_rate / 4})
        self._optimizer = torch.optim.Adam(groups, lr=settings.learning_rate, betas=settings.betas)
        self._discriminator_optimizer = torch.optim.Adam(
            self.discriminators.parameters(), lr=settings.learning_rate, betas=settings.betas
        )
        self._resume(newest)
        self._forget_content()
        self._shared_bert = self.process.wrap(self.style.bert) if settings.train_style else self.style.bert
        self._shared_generator = self.process.wrap(self.generator)
        self._shared_discriminators = self.process.wrap(self.discriminators)

    def _resume(self, newest: Path) -> None:
        """Go on where the newest checkpoint of the output folder stopped, or take the start's discriminators."""
        beside = newest.with_name(newest.name.replace("g_", "do_"))
        own = beside.exists()
        if not own and self.settings.start is not None:
            beside = next(iter(sorted(self.settings.start.rglob("do_????????"), reverse=True)), beside)
        if not beside.exists():
            return
        try:
            state = torch.load(beside, map_location="cpu", weights_only=True)
            names = self.discriminators.state_dict()
            load_into(self.discriminators, split_weight_norm(state["discriminator"], names), f"'{beside}'")
            self.discriminators.to(self.process.device)
            if own:
                self._optimizer.load_state_dict(state["optim_g"])
                self._discriminator_optimizer.load_state_dict(state["optim_d"])
                self.step, self.epoch = state["steps"], state["epoch"]
        except (RuntimeError, KeyError, ValueError) as error:
            raise WeightsMissing(f"'{beside}' cannot be resumed from: {reason(error)}.") from error

    def _forget_content(self) -> None:
        """Keep the content vector's part of the projection at zero, so that inference ignores it as well."""
        if self.settings.ignore_content:
            with torch.no_grad():
                self.generator.am.embed_projection1.weight[:, -self.sizes.style_width :] = 0.0

    def _recordings(self, lines: list[Any]) -> Recordings:
        cache, longest = self.settings.output / "features", self.settings.longest_seconds
        return Recordings(lines, self.speakers, self._vocabulary, self.sizes.audio, cache, longest)

    def _speak(self) -> None:
        """Speak the validation sentences with the checkpoint just written."""
        import soundfile

        try:
            engine = EmotiVoice(self.settings.output)
            folder = self.settings.output / "validation" / f"{self.step:08d}"
            folder.mkdir(parents=True, exist_ok=True)
            for number, recording in enumerate(self._validation.listed[:5]):
                samples = engine.synthesise(recording.text, prompt=recording.prompt, speaker=recording.speaker)
                # A model that has learned nothing yet may want minutes for a word.
                samples = samples[: 20 * engine.sample_rate]
                soundfile.write(folder / f"{number}.wav", samples, engine.sample_rate)
                if self._writer is not None:
                    self._writer.add_audio(
                        f"validation/{number}", np.asarray(samples)[None], self.step, engine.sample_rate
                    )
        except (ResayError, RuntimeError) as error:
            print(f"validation sentences could not be spoken: {reason(error)}", file=sys.stderr)

    def _note(self, found: dict[str, float], seconds: float) -> None:
        self._journal({**found, "seconds": round(seconds, 1)})
        numbers = " ".join(f"{name} {value:.3f}" for name, value in found.items())
        print(f"step {self.step}: {numbers} ({seconds:.0f} s)", file=sys.stderr, flush=True)

    def _journal(self, row: dict[str, Any]) -> None:
        with (self.settings.output / "journal.jsonl").open("a", encoding="utf-8") as journal:
            journal.write(json.dumps({"step": self.step, **row}) + "\n")
        if self._writer is not None:
            kind = "validation" if row.get("validation") else "training"
            for name, value in row.items():
                if isinstance(value, float):
                    self._writer.add_scalar(f"{kind}/{name}", value, self.step)

    def _tensorboard(self) -> Any:
        """Return a writer if TensorBoard is installed."""
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            return None
        return SummaryWriter(str(self.settings.output / "tensorboard"))


def _frame_loss(taught: Taught, batch: Batch) -> Tensor:
    """Return the mean error of the acoustic model's frames as mel spectra."""
    kept = ~padding_mask(batch.mel_lengths, batch.mel.shape[2])
    return (taught.frames.float() - batch.mel.transpose(1, 2)).abs().mean(dim=2).masked_select(kept).mean()

"""A folder of weights: which file is what, and the models that they make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
import yaml
from torch import nn

from emotivoice.acoustic import AcousticModel
from emotivoice.checkpoints import Weights, fold_weight_norm, load_into, open_weights, split_weight_norm
from emotivoice.configuration import BertSizes, Configuration, read_configuration
from emotivoice.frontend.tokens import Vocabulary, official_vocabulary
from emotivoice.mapping import release_after
from emotivoice.style import OFFICIAL_CLASSES, StyleEncoder
from emotivoice.vocoder import Vocoder
from emotivoice.voices import Voices
from emotivoice.wordpieces import WordPieces
from pipeline.core.errors import WeightsMissing

__all__ = ["Models", "WeightsFolder", "make_acoustic", "make_style", "weights_of"]

Module = TypeVar("Module", bound=nn.Module)


@dataclass(frozen=True)
class Models:
    """The three networks, in evaluation mode."""

    style: StyleEncoder
    acoustic: AcousticModel
    vocoder: Vocoder


class WeightsFolder:
    """Finds the official files below a folder, laid out flat or as they are downloaded.

    Args:
        path: The folder.

    Raises:
        WeightsMissing: There is no such folder.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        if not self.path.is_dir():
            raise WeightsMissing(f"There is no folder of weights '{self.path}'.")

    @property
    def generator(self) -> Path:
        """The newest checkpoint of acoustic model and vocoder, `g_00140000`."""
        return self._find("g_[0-9]*", newest=True)

    @property
    def style_encoder(self) -> Path:
        """The checkpoint of the style encoder, `checkpoint_163431`."""
        return self._find("checkpoint_[0-9]*", newest=True)

    @property
    def bert(self) -> Path:
        """The folder with `config.json` and `vocab.txt` of simbert."""
        return self._find("vocab.txt").parent

    @property
    def unconverted(self) -> list[Path]:
        """The checkpoints that do not lie there as safetensors yet."""
        return [path for path in (self.generator, self.style_encoder) if path.suffix != ".safetensors"]

    @property
    def configuration(self) -> Configuration:
        """The sizes; those of the official model if no `config.yaml` tells, as beside the released weights."""
        path = self.optional("config.yaml")
        if path is not None:
            return Configuration.read(path)
        return Configuration.from_dict(yaml.safe_load(read_configuration("official")))

    def optional(self, name: str) -> Path | None:
        """Return a file of this name, such as `tokenlist`, if there is one."""
        return next(iter(sorted(self.path.rglob(name))), None)

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokens; those of the official model if no `tokenlist` tells."""
        path = self.optional("tokenlist")
        return Vocabulary.read(path) if path else official_vocabulary()

    @property
    def voices(self) -> Voices:
        """The speakers; those of the official model if no `speaker2` tells."""
        path = self.optional("speaker2")
        return Voices.read(path) if path else Voices()

    def word_pieces(self) -> WordPieces:
        """Return the tokenizer of the style encoder."""
        return WordPieces.read(self.bert / "vocab.txt")

    def load(self, normalised: bool = False) -> Models:
        """Load all three networks.

        Args:
            normalised: Keep the vocoder's weight norm instead of folding it.

        Raises:
            WeightsMissing: A file is missing or damaged, or does not fit the configuration.
        """
        configuration = self.configuration
        generator = self.generator
        weights, release = open_weights(generator)
        with _no_memory():
            vocoder = Vocoder(configuration.vocoder, normalised)
        parts = weights_of(weights, "generator.")
        load_into(
            vocoder,
            split_weight_norm(parts, vocoder.state_dict()) if normalised else fold_weight_norm(parts),
            f"'{generator}'",
        )
        acoustic = make_acoustic(configuration, weights_of(weights, "am."), str(generator))
        sizes = BertSizes.read(self.bert / "config.json")
        style_weights, release_style = open_weights(self.style_encoder)
        style = make_style(sizes, style_weights, str(self.style_encoder))
        if sizes.width != configuration.style_width:
            raise WeightsMissing(
                f"The style encoder in '{self.path}' is {sizes.width} wide.",
                hint=f"The acoustic model wants {configuration.style_width}.",
            )
        # The vocoder runs again and again; what runs once a sentence need not stay in memory.
        release_after([*acoustic.encoder.encoders, *acoustic.decoder.encoders], release)
        release_after(style.bert.encoder["layer"].children(), release_style)
        return Models(_frozen(style), _frozen(acoustic), _frozen(vocoder))

    def _find(self, pattern: str, newest: bool = False) -> Path:
        files = [
            path
            for path in sorted(self.path.rglob(pattern))
            if path.suffix in {"", ".txt", ".yaml", ".safetensors"} and path.is_file()
        ]
        if not files:
            raise WeightsMissing(f"There is no '{pattern}' below '{self.path}'.")
        return files[-1 if newest else 0]


def make_acoustic(configuration: Configuration, weights: Weights, source: str) -> AcousticModel:
    """Make an acoustic model as large as its weights say, and load them."""
    try:
        tokens, speakers = weights["src_word_emb.weight"].shape[0], weights["spk_tokenizer.weight"].shape[0]
    except KeyError as error:
        raise WeightsMissing(f"'{source}' is no generator of EmotiVoice: it lacks {error.args[0]}.") from error
    with _no_memory():
        acoustic = AcousticModel(configuration, tokens, speakers)
    load_into(acoustic, weights, f"'{source}'")
    return acoustic


def make_style(sizes: BertSizes, weights: Weights, source: str) -> StyleEncoder:
    """Make a style encoder whose classifiers are as large as its weights say, and load them."""
    try:
        classes = {name: weights[f"{name}_clf.classifier.weight"].shape[0] for name in OFFICIAL_CLASSES}
        with _no_memory():
            style = StyleEncoder(sizes, classes, weights["style_embed_proj.weight"].shape[0])
    except KeyError as error:
        raise WeightsMissing(f"'{source}' is no style encoder of EmotiVoice: it lacks {error.args[0]}.") from error
    load_into(style, weights, f"'{source}'")
    return style


def weights_of(weights: Weights, prefix: str) -> Weights:
    """Return the weights of one part, without its prefix."""
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def _no_memory() -> torch.device:
    """Make modules without memory: their weights are read a moment later."""
    return torch.device("meta")


def _frozen(module: Module) -> Module:
    return module.eval().requires_grad_(False)

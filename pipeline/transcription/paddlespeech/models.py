"""PaddleSpeech's released models for transcription: their languages, and where they are on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import UnknownName, WeightsMissing
from pipeline.core.paths import expanded
from pipeline.weights import CATALOGUE, Download, installed, location

__all__ = ["MODELS", "Model", "archive_of", "choose_model", "loading"]


@dataclass(frozen=True)
class Model:
    """One released model."""

    name: str
    """Its name in PaddleSpeech, `NETWORK_CORPUS`."""
    languages: tuple[str, ...]
    """ISO 639-1 codes of its languages, which may be mixed in one sentence."""
    weights: str
    """Name of its weights for `models pull`."""
    version: str
    """Its version in PaddleSpeech."""
    checkpoint: str
    """Its file of weights, without `.pdparams`."""


MODELS: Final = (
    Model("transformer_librispeech", ("en",), "paddlespeech-en", "1.0", "exp/transformer/checkpoints/avg_10"),
    Model(
        "conformer_u2pp_online_wenetspeech",
        ("zh",),
        "paddlespeech-zh",
        "1.3",
        "exp/chunk_conformer_u2pp/checkpoints/avg_10",
    ),
    Model(
        "conformer_wenetspeech",
        ("zh",),
        "paddlespeech-zh-wenetspeech",
        "1.0",
        "exp/conformer/checkpoints/wenetspeech",
    ),
    Model("conformer_talcs", ("zh", "en"), "paddlespeech-zh-en", "1.4", "exp/conformer/checkpoints/avg_10"),
)
"""The first model with a language is the default for it."""


def choose_model(name: str, language: str) -> Model:
    """Return the model with a name, or else the default for a language.

    Args:
        name: One of `MODELS`, or empty.
        language: ISO 639-1 code; `zh-en` for both in one sentence; empty for the languages of the model (English if
            no model is named).

    Raises:
        UnknownName: There is no such model, none for this language, or the named one does not support it.
    """
    wanted = _wanted(language) or (set() if name else {"en"})
    named = [model for model in MODELS if name in ("", model.name)]
    if not named:
        names = ", ".join(model.name for model in MODELS)
        raise UnknownName(f"PaddleSpeech has no model '{name}'.", hint=f"Choose {names}, or a folder.")
    for model in named:
        if wanted <= set(model.languages):
            return model
    if not name:
        raise UnknownName(
            f"PaddleSpeech has no model for the language '{language}'.", hint="Choose --language en, zh or zh-en."
        )
    hears = named[0].languages
    raise UnknownName(
        f"The model {name} hears {' and '.join(hears)}, not '{language}'.",
        hint=f"Say --language {'-'.join(hears)}, or leave the model out.",
    )


def _wanted(language: str) -> set[str]:
    """Return the languages asked for without their regions: zh for `zh-CN`, zh and en for `zh-en`."""
    parts = [part for part in language.split("-") if part]
    known = {code for model in MODELS for code in model.languages}
    return {part.casefold() for part in parts[:1]} | {part for part in parts[1:] if part in known}


def loading(model: Model) -> dict[str, Any]:
    """Return the fields of the worker's `load` request that say where a model is.

    Pulled weights come first, then an archive that PaddleSpeech itself downloaded.

    Raises:
        WeightsMissing: It is not on this machine; the hint is the command to run.
    """
    if installed(model.weights):
        return {"folder": str(location(model.weights))}
    if archive_of(model).is_file():
        released = _released(model)
        return {
            "registered": {
                "model": model.name,
                "language": "_".join(model.languages),
                "version": model.version,
                "url": released.url,
                "md5": released.digest.removeprefix("md5:"),
                "checkpoint": model.checkpoint,
            }
        }
    raise WeightsMissing(
        f"The weights of PaddleSpeech's {model.name} are not there.",
        hint=f"Run detect.py models pull {model.weights}.",
    )


def archive_of(model: Model) -> Path:
    """Return the path at which PaddleSpeech keeps the downloaded archive of a model."""
    home = expanded(os.environ.get("PPSPEECH_HOME") or "~/.paddlespeech")
    mixed = "codeswitch_" if len(model.languages) > 1 else ""
    tag = f"{model.name}-{mixed}{'_'.join(model.languages)}-16k"
    return home / "models" / tag / model.version / _released(model).name


def _released(model: Model) -> Download:
    (part,) = CATALOGUE.find(model.weights).parts
    if not isinstance(part, Download):
        raise AssertionError("PaddleSpeech's models are archives")
    return part

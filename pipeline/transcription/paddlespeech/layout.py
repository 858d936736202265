"""Reads the folder of a model as PaddleSpeech releases it, without running anything in it.

model.yaml                     settings, vocabulary and statistics of the features
exp/NAME/checkpoints/*.pdparams
data/lang_char/*.model         sentencepiece, for models that write word pieces
"""

from __future__ import annotations

import pickle
import types
from pathlib import Path
from typing import IO, Any, Final

import yaml

from pipeline.core.yaml_files import read_yaml

__all__ = ["SETTINGS", "checkpoint_in", "read_settings", "refuse_code"]

SETTINGS: Final = "model.yaml"
"""File of the settings."""

# Enough for dictionaries of arrays, and for tensors, which Paddle stores as pairs of a name and an array.
_PLAIN: Final = {
    ("builtins", "tuple"),
    ("collections", "OrderedDict"),
    ("_codecs", "encode"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    *((f"numpy.{core}.multiarray", name) for core in ("core", "_core") for name in ("_reconstruct", "scalar")),
}


def read_settings(folder: Path) -> dict[str, Any]:
    """Return the settings of a model with absolute paths.

    Args:
        folder: Contains `model.yaml`.

    Raises:
        FileNotFoundError: The file is missing.
        ValueError: It does not hold the settings of a conformer or transformer, or names code to run.
    """
    path = folder / SETTINGS
    try:
        settings = read_yaml(path)
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"{path} is not YAML") from error
    if not isinstance(settings, dict) or settings.get("encoder") not in {"conformer", "transformer"}:
        raise ValueError(f"{path} does not hold the settings of a conformer or transformer")
    for step in settings["preprocess_config"]["process"]:
        # `module:name` would be imported and called.
        if ":" in step["type"]:
            raise ValueError(f"{path} names code to run: {step['type']}")
    _make_absolute(settings, "vocab_filepath", folder)
    _make_absolute(settings, "spm_model_prefix", folder)
    for step in settings["preprocess_config"]["process"]:
        _make_absolute(step, "cmvn_path", folder)
    return settings


def _make_absolute(settings: dict[str, Any], name: str, folder: Path) -> None:
    value = settings.get(name)
    if isinstance(value, str) and value:
        settings[name] = str(folder / value)


def checkpoint_in(folder: Path) -> Path:
    """Return the only checkpoint in a folder, without its suffix `.pdparams`, as PaddleSpeech expects it.

    Raises:
        FileNotFoundError: There is none, or more than one.
    """
    found = sorted(folder.rglob("*.pdparams"))
    if len(found) != 1:
        names = ", ".join(str(path.relative_to(folder)) for path in found) or "none"
        raise FileNotFoundError(f"{folder} must hold one checkpoint (*.pdparams); there is {names}")
    return found[0].with_suffix("")


class _Unpickler(pickle.Unpickler):
    """Reads arrays and refuses everything else, because a pickle can call any function by its name."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _PLAIN:
            raise ValueError(f"the checkpoint wants to run {module}.{name}, which is not an array")
        return super().find_class(module, name)


def refuse_code() -> None:
    """Make `paddle.load`, which unpickles, refuse everything except arrays and names."""
    from paddle.framework import io as reading

    def load(file: IO[bytes], encoding: str = "ASCII") -> Any:
        return _Unpickler(file, encoding=encoding).load()

    # It catches an error that is never raised, so it cannot fall back to another reader.
    refusing = types.SimpleNamespace(load=load, UnpicklingError=_Never, dumps=pickle.dumps, dump=pickle.dump)
    reading.pickle = refusing
    reading._pickle_loads_mac = lambda path, file: load(file, "latin1")


class _Never(Exception):
    pass

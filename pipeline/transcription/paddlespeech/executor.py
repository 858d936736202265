"""PaddleSpeech's recogniser in the worker, one segment at a time."""

from __future__ import annotations

import io
import warnings
import wave
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import yaml

from pipeline.core.values import Samples
from pipeline.transcription.paddlespeech.layout import SETTINGS, checkpoint_in, read_settings, refuse_code
from pipeline.transcription.paddlespeech.patches import ATTEMPTS, tame
from pipeline.transcription.paddlespeech.punctuation import Punctuation

__all__ = ["Executor"]

_RATE: Final = 16000
"""Hertz: the rate of all its models."""

_LONGEST: Final = 50.0
"""Seconds: PaddleSpeech's own limit, beyond which a transformer has no more positions."""

_SHORTEST: Final = 0.1
"""Seconds; a shorter sound does not fill the first layers of the network."""


class Executor:
    """Answers the worker's requests."""

    def __init__(self) -> None:
        self._executor: Any = None
        self._kind = ""
        self._punctuation: Punctuation | None = None

    def answer(self, request: dict[str, Any], samples: Samples) -> dict[str, Any]:
        """Carry out a request and return the answer."""
        if request["do"] == "load":
            return self._load(request)
        return {"text": self._hear(samples)}

    def _load(self, request: dict[str, Any]) -> dict[str, Any]:
        """Load a model.

        `folder` is the folder of the model. For an archive that PaddleSpeech downloaded, `registered` is its entry for
        PaddleSpeech's list of models instead: `model`, `language`, `version`, `url`, `md5`, `checkpoint`.
        `decoding` is the decoding method, `device` is cpu, cuda or auto, `punctuation` is a folder or empty.
        """
        tame()
        refuse_code()
        import paddle
        from paddlespeech.cli.asr.infer import ASRExecutor

        paddle.set_device(_device(request["device"], paddle))
        if "registered" in request:
            _register(request["registered"])
        self._executor = ASRExecutor()
        self._executor.change_format = False
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if "registered" in request:
                self._load_registered(request["registered"], request["decoding"])
            else:
                self._load_folder(Path(request["folder"]), request["decoding"])
        notes = _left_out([str(warning.message) for warning in caught])
        if request["punctuation"]:
            try:
                self._punctuation = Punctuation(Path(request["punctuation"]))
            except ImportError as error:
                notes.append(f"The text has no punctuation: {error.name} is not installed.")
        return {"notes": notes, "attempts": ATTEMPTS}

    def _load_registered(self, entry: dict[str, Any], decoding: str) -> None:
        self._kind = entry["model"]
        mixed = entry["language"] == "zh_en"
        self._executor._init_from_path(entry["model"], entry["language"], mixed, _RATE, decode_method=decoding)

    def _load_folder(self, folder: Path, decoding: str) -> None:
        settings = read_settings(folder)
        self._kind = f"{settings['encoder']}_local"
        # It looks for the word pieces relative to the settings; this copy of the settings has absolute paths.
        with TemporaryDirectory() as scratch:
            copy = Path(scratch) / SETTINGS
            copy.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
            self._executor._init_from_path(
                self._kind,
                cfg_path=str(copy),
                ckpt_path=str(checkpoint_in(folder)),
                decode_method=decoding,
                sample_rate=_RATE,
            )

    def _hear(self, samples: Samples) -> str:
        seconds = len(samples) / _RATE
        if seconds < _SHORTEST:
            return ""
        if seconds > _LONGEST:
            raise ValueError(f"{seconds:.0f} s are more than the {_LONGEST:.0f} s that it takes at once")
        # Otherwise a segment that fails would get the text of the one before.
        self._executor._outputs.clear()
        self._executor.preprocess(self._kind, _as_wav(samples))
        self._executor.infer(self._kind)
        text = str(self._executor.postprocess()).replace("<unk>", "").replace("<eos>", "").strip()
        return self._punctuation.added(text) if self._punctuation and text else text


def _left_out(warned: list[str]) -> list[str]:
    """Return a note on weights that are not in the checkpoint; Paddle leaves them random, and only warns.

    Raises:
        ValueError: Weights have another shape, so the checkpoint belongs to another model.
    """
    skipped = [warning for warning in warned if warning.startswith("Skip loading")]
    for warning in skipped:
        if "receives a shape" in warning:
            raise ValueError(f"the checkpoint is that of another model: {warning}")
    return [f"{len(skipped)} weights of the model are not in its checkpoint."] if skipped else []


def _device(wanted: str, paddle: Any) -> str:
    graphics = paddle.is_compiled_with_cuda() and paddle.device.cuda.device_count() > 0
    if wanted == "cuda" and not graphics:
        raise ValueError("the installed paddlepaddle cannot use a graphics card")
    return "gpu:0" if graphics and wanted != "cpu" else "cpu"


def _register(entry: dict[str, Any]) -> None:
    from paddlespeech.resource import pretrained_models

    mixed = "codeswitch_" if entry["language"] == "zh_en" else ""
    tag = f"{entry['model']}-{mixed}{entry['language']}-16k"
    pretrained_models.asr_dynamic_pretrained_models[tag] = {
        entry["version"]: {
            "url": entry["url"],
            "md5": entry["md5"],
            "cfg_path": SETTINGS,
            "ckpt_path": entry["checkpoint"],
        }
    }


def _as_wav(samples: Samples) -> io.BytesIO:
    """Return a 16-bit wav file: the only format that it takes without resampling or mixing."""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(_RATE)
        wav.writeframes((samples.clip(-1, 1) * np.iinfo(np.int16).max).astype("<i2").tobytes())
    file.seek(0)
    return file

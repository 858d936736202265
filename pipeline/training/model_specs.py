"""What is known about a model of emotion before its framework is imported."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal, TypeVar

from pydantic import BaseModel

from pipeline.core.errors import UsageError
from pipeline.training.libraries import require_modules

__all__ = ["ModelSpec"]

Model = TypeVar("Model")

_BACKENDS: Final = {"keras": "keras_backend", "torch": "torch_backend", "torch, transformers": "torch_backend"}
"""Framework to the module of `pipeline.training.speech.models` that knows its devices."""
_MODULES: Final = {
    "keras": ("tensorflow", "keras", "tf2onnx"),
    "torch": ("torch",),
    "torch, transformers": ("torch", "transformers"),
    "scikit-learn": ("sklearn",),
    "numpy": (),
    "none": (),
}
"""Framework to the modules that it needs, beside onnx, which writes every checkpoint."""


@dataclass(frozen=True)
class ModelSpec(Generic[Model]):
    """What is known about a model without importing it."""

    name: str
    """What a person types, and the name of its module."""
    model: str
    """Class of the model; that of its settings has the same name with `Settings` behind it."""
    framework: str
    """What trains it; prediction needs none of it."""
    description: str
    modality: Literal["speech", "text"] = "speech"
    uses_reading: bool = False
    """Whether it learns from read speech of other places what not to listen to."""

    def settings_class(self) -> type[BaseModel]:
        """Return the class of the settings, without importing the framework."""
        found: type[BaseModel] = self._get(f"{self.model}Settings")
        return found

    def require(self) -> None:
        """Check that what trains the model and writes its checkpoint is installed.

        Raises:
            EngineMissing: A package is missing.
        """
        extras = "train,finetune" if self.framework.startswith("torch") else "train"
        modules = [*_MODULES[self.framework], "onnx"]
        if self.modality == "speech" and self.framework != "none":
            modules.append("safetensors")  # Keeps the weights of each fold.
        require_modules(modules, extras)

    def create(self, settings: BaseModel, *arguments: Any) -> Model:
        """Return an untrained model.

        Args:
            settings: How it is built and trained.
            arguments: What else its class takes. Of speech: numbers per frame of its features, number of emotions,
                computing threads. Of text: the emotions that it tells apart, computing threads.

        Raises:
            EngineMissing: The framework is not installed.
        """
        model: Model = self._get(self.model)(settings, *arguments)
        return model

    def use_device(self, device: str) -> None:
        """Say what the model shall be trained on; to be called before it is created.

        Args:
            device: `auto` takes a GPU where there is one and the framework can use it.

        Raises:
            UsageError: The framework cannot train on it, or it is not here.
            EngineMissing: A GPU is asked for, and the framework is not installed.
        """
        if self.framework in _BACKENDS:
            backend = importlib.import_module(f"pipeline.training.speech.models.{_BACKENDS[self.framework]}")
            backend.use_device(device)
        elif device not in ("auto", "cpu"):
            raise UsageError(f"The model {self.name} cannot be trained on '{device}'.", hint="Give --device auto.")

    def _get(self, name: str) -> Any:
        return getattr(importlib.import_module(f"pipeline.training.{self.modality}.models.{self.name}"), name)

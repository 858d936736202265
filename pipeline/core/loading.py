"""Engines that are loaded when they are first needed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from pipeline.core.engines import Registry
from pipeline.core.settings import Settings

__all__ = ["lazily"]

logger = logging.getLogger(__name__)

Engine = TypeVar("Engine")


def lazily(
    registry: Registry[Engine], name: str, language: str, settings: Settings, *, decoding: str = ""
) -> Callable[[], Engine]:
    """Return a function that gives an engine: loaded on the first call, once, whoever asks first.

    Args:
        registry: The engines of a stage.
        name: The engine, or `auto`.
        language: ISO 639-1 code that it must have; empty for any.
        settings: Threads and device of the engine.
        decoding: How it is to find a text; empty for its own way.
    """
    lock = Lock()
    loaded: list[Engine] = []

    def get() -> Engine:
        with lock:
            if not loaded:
                spec = registry.choose(name, language)
                asked = spec.decoded_by(decoding)
                loaded.append(
                    registry.create(spec, threads=settings.threads, device=settings.device, language=language, **asked)
                )
                logger.info("%s: %s is loaded", registry.stage, spec.label)
            return loaded[0]

    return get

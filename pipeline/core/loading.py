"""Engines that are loaded when they are first needed, and parts of them that are loaded side by side."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

from pipeline.core.engines import Registry
from pipeline.core.settings import Settings

__all__ = ["beforehand", "lazily"]

logger = logging.getLogger(__name__)

Engine = TypeVar("Engine")
Part = TypeVar("Part")


def lazily(
    registry: Registry[Engine], name: str, language: str, settings: Settings, *, decoding: str = ""
) -> Callable[[], Engine]:
    """Return a function that gives an engine: loaded on the first call, once, whoever asks first.

    Args:
        registry: The engines of a stage.
        name: The engine, or `auto`.
        language: ISO 639-1 code that it must have; empty for any.
        settings: Threads and device of the engine, and what else it asks for.
        decoding: How it is to find a text; empty for its own way.
    """
    lock = Lock()
    loaded: list[Engine] = []

    def get() -> Engine:
        with lock:
            if not loaded:
                spec = registry.choose(name, language)
                asked: dict[str, Any] = {name: getattr(settings, name) for name in spec.settings}
                asked |= spec.decoded_by(decoding)
                loaded.append(
                    registry.create(spec, threads=settings.threads, device=settings.device, language=language, **asked)
                )
                logger.info("%s: %s is loaded", registry.stage, spec.label)
            return loaded[0]

    return get


def beforehand(load: Callable[[], Part]) -> Callable[[], Part]:
    """Begin to load a part in a thread of its own, and return a function that waits for it and gives it.

    Args:
        load: What it raises is raised to whoever asks for the part.
    """
    thread = ThreadPoolExecutor(1)
    loading = thread.submit(load)
    thread.shutdown(wait=False)
    return loading.result

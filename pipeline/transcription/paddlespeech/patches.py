"""Patches that keep PaddleSpeech from the network, from installing packages, and from printing."""

from __future__ import annotations

import logging
import socket
import sys
import types
from typing import Any, Final

__all__ = ["ATTEMPTS", "forbid_network", "tame"]

ATTEMPTS: Final[list[str]] = []
"""Addresses that this process has tried to reach since `forbid_network`."""


def forbid_network() -> None:
    """Make every attempt of Python code in this process to look up or reach another machine fail.

    An audit hook cannot be removed, and also sees code that bypasses the module `socket`.
    """

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo":
            target = arguments[0]
        elif event == "socket.connect" and arguments[0].family != getattr(socket, "AF_UNIX", None):
            target = arguments[1]
        else:
            return
        ATTEMPTS.append(str(target))
        raise OSError(f"This process does not use the network ({target} was asked for).")

    sys.addaudithook(refuse)


def tame() -> None:
    """Import PaddleSpeech without letting it install packages, report statistics or print.

    Raises:
        ImportError: A package is missing.
    """
    # It would call pip in this process for a decoder that the models used here do not need.
    installer = types.ModuleType("paddlespeech.s2t.utils.dynamic_pip_install")
    installer.install = lambda package: None  # type: ignore[attr-defined]
    sys.modules[installer.__name__] = installer

    from loguru import logger
    from paddlespeech.cli import utils
    from paddlespeech.cli.asr import infer

    # Every call and every download would be reported to a server.
    utils._note_one_stat = lambda *arguments, **settings: None
    utils.StatsWorker.start = lambda self: None
    # It would log an error of the decoding and return the text of the previous call.
    infer.logger.exception = _raise
    logger.remove()
    logging.disable(logging.ERROR)


def _raise(error: Exception) -> None:
    raise error

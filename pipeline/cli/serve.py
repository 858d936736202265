"""`detect.py serve`: pages and an HTTP API on this machine."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

from pipeline.cli import options
from pipeline.cli.console import results, talk
from pipeline.core.errors import EngineMissing

if TYPE_CHECKING:
    from pipeline.core.settings import Settings

__all__ = ["serve"]

_PACKAGES = ("fastapi", "uvicorn", "jinja2", "python_multipart", "prometheus_client", "websockets")

_LAST_SECONDS: Final = 2.0
"""Seconds that work which was cancelled gets to stop by itself; with what open answers get before, fewer than the ten
after which containers are killed. Set by hand."""


@options.takes(
    "host", "port", "allowed_hosts", "allowed_origins", "max_upload_bytes", "at_once", "waiting", "max_work_seconds",
    "live_sessions", "model", "text_model", "asr", "tts", "judge", "diariser", "decoding", "acting", "voice",
    "max_streamed_seconds", "database", "alert_emotions", "alert_threshold", "alert_release", "alert_seconds",
    "webhooks", "webhook_network", "keep_days",
    voice="Voice of results where a request names none.",
)  # fmt: skip
def serve(
    open_page: Annotated[
        bool, typer.Option("--open", help="Open the pages in a browser.", rich_help_panel="Server")
    ] = False,
    *,
    settings: Settings,
) -> None:
    """Serve pages and an HTTP API, on this machine alone unless there is a key (RESAY_API_KEY)."""
    absent = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if absent:
        raise EngineMissing(f"{', '.join(absent)} not installed.", hint="Run pip install '.[web]'.")

    import webbrowser

    from pipeline.core.memory import keep_little
    from pipeline.web.app import create_app
    from pipeline.web.server import address_of, listen, run

    keep_little()
    app = create_app(settings)
    listening = listen(settings)
    address = address_of(listening)

    def started() -> None:
        results.print(f"[bold green]{address}[/]")
        talk.print("[dim]The engines load in the background. Ctrl-C ends the server.[/]")
        if open_page:
            webbrowser.open(address)

    try:
        run(app, listening, started)
    except (SystemExit, KeyboardInterrupt) as ending:
        if not app.state.service.work.wait(_LAST_SECONDS):
            _leave(128 + signal.SIGINT if isinstance(ending, KeyboardInterrupt) else ending.code)
        raise


def _leave(code: object) -> NoReturn:
    """End the process without waiting for threads: nobody will get what they compute, and libraries do not stop."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)

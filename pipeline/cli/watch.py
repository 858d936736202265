"""`detect.py watch FOLDER`: watch calls for customers who are angry, sad or whatever matters."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import clock, note, print_error, results, shown, talk, write_json
from pipeline.core.errors import UnreadableAudio, UsageError

if TYPE_CHECKING:
    from pipeline.alerts.rules import Alert
    from pipeline.alerts.watching import WatchedCall
    from pipeline.core.settings import Settings

__all__ = ["DATABASE", "STYLES", "counted", "watch"]

DATABASE: Final = os.path.join("output", "calls.sqlite")
"""Where calls are kept if nothing else is said."""

STYLES: Final = {"low": "yellow", "medium": "bold yellow", "high": "bold red"}
"""Severity of an alert to how it is shown."""


@options.takes(
    "database", "customer_channel", "customer_speaker", "customer_pattern", "judge_employees_because",
    "alert_emotions", "alert_threshold", "alert_release", "alert_seconds", "webhooks", "webhook_network", "keep_days",
    "speakers", "hotwords", "emotion_from", "asr", "diariser", "model", "text_model", "max_streamed_seconds",
    database=f"Where calls and alerts are kept: a file, by default {DATABASE}, or the URL of a PostgreSQL database.",
)  # fmt: skip
def watch(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="Where recordings of calls arrive.")],
    once: Annotated[
        bool, typer.Option("--once", help="End with what is there.", rich_help_panel="Calls and alerts")
    ] = False,
    json: options.Json = False,
    *,
    settings: Settings,
) -> None:
    """Watch a folder of calls: analyse each new recording once, tell and keep the alerts of its customer."""
    from pipeline.alerts.watching import CallWatcher

    CallWatcher.check(settings)
    if not os.path.exists(folder):
        raise UnreadableAudio(f"There is no folder '{folder}'.", hint="Check the path.")
    if not os.path.isdir(folder):
        raise UsageError(f"{folder} is a file.", hint="Give the folder in which recordings arrive.")

    from pipeline.alerts.webhooks import Deliverer, addresses_of
    from pipeline.batch.watching import check_watching
    from pipeline.chain import VoicePipeline
    from pipeline.store.outbox import WAITING
    from pipeline.store.store import Store

    check_watching([folder])
    pipeline = VoicePipeline(settings)
    pipeline.check_transcription(emotions=True)
    store = Store(settings.database or DATABASE, signing=bool(settings.webhook_secret))
    addresses = addresses_of(settings)

    def tell(error: Any) -> None:
        print_error(error)

    deliverer = Deliverer(store, addresses, settings.webhook_secret, network=settings.webhook_network, on_problem=tell)
    calls = alerts = 0
    try:
        watcher = CallWatcher(pipeline, store, settings, on_problem=tell)
        if settings.judge_employees_because:
            note(f"Employees are judged as well, because of {settings.judge_employees_because}.")
        deliverer.start()
        if not once:
            talk.print(f"[dim]Watching {escape(folder)}, until Ctrl-C.[/]")
        for call in watcher.watch(folder, once=once):
            calls, alerts = calls + 1, alerts + len(call.alerts)
            deliverer.wake()
            _show(call, as_json=json)
        deliverer.deliver_due()
        waiting = store.outbox.count(WAITING, addresses)
    except KeyboardInterrupt:
        talk.print("Interrupted. Run the same command again to go on.")
        raise typer.Exit(130) from None
    finally:
        deliverer.close()
        store.close()
    told = f"{counted(calls, 'new call')}, {counted(alerts, 'alert')}."
    if watcher.too_old:
        told += f" Left out: {counted(watcher.too_old, 'recording')} older than {settings.keep_days} days."
    if watcher.forgotten:
        told += f" Left out: {counted(watcher.forgotten, 'recording')} of customers who were forgotten."
    talk.print(told + (f" The next run sends {counted(waiting, 'message')}." if waiting else ""))


def _show(call: WatchedCall, *, as_json: bool) -> None:
    heard = call.heard
    if as_json:
        write_json(
            {
                "file": call.source,
                "customer": call.customer,
                "duration": round(heard.duration, 3),
                "problem": heard.problem,
                "alerts": [alert.to_dict() for alert in call.alerts],
            }
        )
        return
    whose = f"  {shown(call.customer)}" if call.customer else ""
    count = counted(len(call.alerts), "alert")
    results.print(f"[bold]{shown(call.source)}[/]{whose}  {clock(heard.duration)}  {count}")
    for alert in call.alerts:
        results.print(_line(alert))
    sys.stdout.flush()
    if heard.problem:
        about = "" if os.path.basename(call.source) in heard.problem else f"{call.source}: "
        note(f"{about}{heard.problem}")


def _line(alert: Alert) -> str:
    place = f"{clock(alert.start)}–{clock(alert.end)}"
    who = f"{escape(alert.speaker)}, " if alert.speaker != "customer" else ""
    return f"  [{STYLES[alert.severity]}]{alert.severity:6}[/]  {place}  {who}{escape(alert.reason)}"


def counted(number: int, what: str) -> str:
    """Return a number of things in words, such as `2 calls`."""
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"

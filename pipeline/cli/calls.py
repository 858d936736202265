"""`detect.py calls`: look through the calls that were watched, count them, hand them on, and forget a customer."""

from __future__ import annotations

import csv
import enum
import functools
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.markup import escape
from rich.table import Column, Table

from pipeline.cli import options
from pipeline.cli.console import clock, note, print_rows, results, set_up, shown, talk, write_json
from pipeline.cli.watch import DATABASE, STYLES, counted
from pipeline.core.addresses import without_secrets
from pipeline.core.errors import UsageError

if TYPE_CHECKING:
    from pipeline.store.search import Search
    from pipeline.store.store import Store

__all__ = ["calls"]

_choosing = functools.partial(typer.Option, rich_help_panel="Which calls", show_default=False)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class Action(enum.StrEnum):
    """What to do with calls."""

    LIST = "list"
    SHOW = "show"
    TRENDS = "trends"
    EXPORT = "export"
    FORGET = "forget"
    DELIVERIES = "deliveries"
    NOTICE = "notice"


def calls(
    action: Annotated[
        Action,
        typer.Argument(
            help="list calls; show one; trends of days; export a table; forget a customer;"
            " deliveries of webhooks; a notice for callers."
        ),
    ] = Action.LIST,
    what: Annotated[
        str,
        typer.Argument(
            metavar="[NUMBER|FILE|CUSTOMER]",
            help="show: the number of a call. export: a .csv. forget: the customer.",
            show_default=False,
        ),
    ] = "",
    search: Annotated[str, _choosing("--search", metavar="WORDS", help="In which somebody said these words.")] = "",
    customer: Annotated[str, _choosing("--customer", metavar="NAME", help="Of this customer.")] = "",
    since: Annotated[str, _choosing("--since", metavar="DAY", help="From this day on, such as 2026-11-29.")] = "",
    until: Annotated[str, _choosing("--until", metavar="DAY", help="Up to this day.")] = "",
    emotion: Annotated[str, _choosing("--emotion", metavar="EMOTION", help="With an alert of this emotion.")] = "",
    severity: Annotated[
        str, _choosing("--severity", metavar="low|medium|high", help="With an alert as urgent as this.")
    ] = "",
    with_alerts: Annotated[bool, _choosing("--with-alerts", help="With any alert.")] = False,
    limit: Annotated[int, _choosing("--limit", metavar="N", help="The latest ones alone.", min=1)] = 50,
    by_customer: Annotated[bool, typer.Option("--by-customer", help="trends: count each customer apart.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="deliveries: let those that failed be sent again.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="forget: do not ask before.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="export: replace a file that is there.")] = False,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="FILE|URL",
            help=f"Where calls are kept: {DATABASE} by default.",
            show_default=False,
        ),
    ] = None,
    config: options.Config = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Search the calls that were watched, show one, count days, export, forget a customer, see deliveries."""
    from pipeline.core.settings import load_settings

    set_up(quiet=quiet, verbose=verbose)
    settings, _ = load_settings({"database": database}, config=config)
    if action is Action.NOTICE:
        from pipeline.alerts.notice import notice

        results.print(escape(notice(settings)))
        return
    if what and action in (Action.LIST, Action.TRENDS, Action.DELIVERIES):
        raise UsageError(f"{action} takes no '{what}'.", hint="Give --search, --customer or another option.")
    if not what and action in (Action.SHOW, Action.EXPORT, Action.FORGET):
        needed = {Action.SHOW: "NUMBER", Action.EXPORT: "FILE.csv", Action.FORGET: "CUSTOMER"}[action]
        raise UsageError(f"Nobody said what to {action}.", hint=f"Give detect.py calls {action} {needed}.")
    wanted = _search(search, customer, since, until, emotion, severity, with_alerts)

    from pipeline.core.files import require_writable
    from pipeline.store.store import Store

    if action is Action.EXPORT:
        require_writable([Path(what)], overwrite=overwrite, option="name")
    where = settings.database or DATABASE
    if "://" not in where and not Path(where).exists():
        raise UsageError(f"There are no calls in {where}.", hint="Give --database, or watch a folder first.")
    store = Store(where)
    actions: dict[Action, Callable[[], None]] = {
        Action.LIST: lambda: _list(store, wanted, limit, as_json=json),
        Action.SHOW: lambda: _show(store, what, as_json=json),
        Action.TRENDS: lambda: _trends(store, wanted, by_customer=by_customer, as_json=json),
        Action.EXPORT: lambda: _export(store, wanted, Path(what), overwrite=overwrite),
        Action.FORGET: lambda: _forget(store, what, yes=yes, as_json=json),
        Action.DELIVERIES: lambda: _deliveries(store, limit, retry=retry, as_json=json),
    }
    try:
        actions[action]()
    finally:
        store.close()


def _search(
    search: str, customer: str, since: str, until: str, emotion: str, severity: str, with_alerts: bool
) -> Search:
    """Return which calls are wanted.

    Raises:
        UsageError: A day, emotion or severity is none.
    """
    from pipeline.alerts.rules import SEVERITIES
    from pipeline.core.emotions import parse_mood
    from pipeline.store.search import Search

    for flag, day in (("--since", since), ("--until", until)):
        if day and not _DAY.fullmatch(day):
            raise UsageError(f"{flag} cannot be '{day}'.", hint="Write a day as 2026-11-29.")
    if severity and severity not in SEVERITIES:
        raise UsageError(f"--severity cannot be '{severity}'.", hint=f"Choose of {', '.join(SEVERITIES)}.")
    if emotion and not (mood := parse_mood(emotion)).is_known:
        raise UsageError(f"--emotion cannot be '{emotion}'.", hint="Give one of the eight, such as angry.")
    return Search(search, customer, since, until, mood.word if emotion else "", severity, with_alerts)


def _list(store: Store, wanted: Search, limit: int, *, as_json: bool) -> None:
    from pipeline.store.search import EVERY

    found, count = store.search(wanted, limit=limit)
    if as_json:
        for call in found:
            write_json(call.to_dict())
        return
    if not found:
        talk.print("No calls." if wanted == EVERY else "No such calls.")
        return
    table = Table("number", "when", "customer", "length", "alerts", "recording")
    for call in found:
        alerts = [f"[{STYLES[alert.severity]}]{alert.emotion}[/]" for alert in call.alerts]
        told = ", ".join(alerts) or ("none" if call.model else "not judged")
        moment = call.recorded_at.astimezone().strftime("%Y-%m-%d %H:%M")
        name = shown(Path(call.source).name or "live session")
        table.add_row(str(call.id), moment, shown(call.customer), clock(call.duration), told, name)
    results.print(table)
    if count > len(found):
        note(f"{count - len(found)} older calls are not shown; --limit shows more.")


def _show(store: Store, number: str, *, as_json: bool) -> None:
    call = store.find(int(number)) if number.isdecimal() and len(number) < 10 else None
    if call is None:
        raise UsageError(f"There is no call {number}.", hint="detect.py calls lists all.")
    if as_json:
        write_json(call.to_dict_with_segments())
        return
    moment = call.recorded_at.astimezone().strftime("%Y-%m-%d %H:%M")
    customer = f"  {call.customer}" if call.customer else ""
    results.print(f"[bold]{shown(call.source or 'live session')}[/]  {moment}{shown(customer)}")
    for alert in call.alerts:
        place = f"{clock(alert.start)}–{clock(alert.end)}"
        results.print(f"  [{STYLES[alert.severity]}]{alert.severity:6}[/]  {place}  {escape(alert.reason)}")
    for segment in call.segments:
        how = f"[cyan]{segment.emotion} {segment.confidence:.0%}[/]{' (unsure)' if segment.unsure else ''}"
        results.print(
            f"[dim]{segment.start:8.2f} – {segment.end:.2f}[/]  [bold]{escape(segment.speaker)}[/]"
            f" {how if segment.emotion else ''} {escape(segment.text)}"
        )
    if call.problem:
        note(call.problem)


def _trends(store: Store, wanted: Search, *, by_customer: bool, as_json: bool) -> None:
    found = store.trends(wanted, by_customer=by_customer)
    rows: list[dict[str, Any]] = [trend.to_dict() for trend in found]
    if as_json:
        for row in rows:
            write_json(row)
        return
    lines = (
        {"day": row["when"]}
        | ({"customer": shown(row["customer"])} if by_customer else {})
        | {"calls": str(row["calls"]), "length": clock(row["seconds"])}
        | {"alerts": str(row["alerts"]), "high": str(row["high"])}
        for row in rows
    )
    headings = ("day", *(("customer",) if by_customer else ()), "calls", "length", "alerts", "of them high")
    print_rows(headings, lines, as_json=False)


def _export(store: Store, wanted: Search, path: Path, *, overwrite: bool) -> None:
    from pipeline.core.files import atomic
    from pipeline.store.tables import COLUMNS, rows

    count = 0
    with (
        atomic(path, exclusive=not overwrite) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        for row in rows(store.every(wanted)):
            table.writerow(row)
            count += 1
    results.print(f"[bold green]{shown(str(path))}[/]  {count} rows")


def _forget(store: Store, customer: str, *, yes: bool, as_json: bool) -> None:
    from pipeline.store.search import Search

    count = store.search(Search(customer=customer), limit=1)[1]
    whose = ", ".join(store.customers(customer))
    if not count:
        raise UsageError(f"There are no calls of '{customer}'.", hint="detect.py calls lists all customers.")
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"{counted(count, 'call')} of {whose} would be deleted.", hint="Say --yes to do so.")
        if not typer.confirm(f"Delete everything about {whose}: {counted(count, 'call')}?", err=True):
            raise typer.Exit(1)
    found = store.forget(customer)
    if as_json:
        write_json(
            {"customer": customer, "calls": found.calls, "recordings": found.recordings, "problem": found.problem}
        )
        return
    count = found.calls
    results.print(
        f"{counted(count, 'call')} of {shown(whose)} {'is' if count == 1 else 'are'} deleted,"
        " with all words, alerts and messages."
    )
    if found.problem:
        note(found.problem)
    there = [path for path in found.recordings if Path(path).exists()]
    if there:
        talk.print("These recordings are still there, and will not be analysed again. Delete them as well:")
        for path in there:
            results.print(shown(path))


def _deliveries(store: Store, limit: int, *, retry: bool, as_json: bool) -> None:
    if retry:
        count = store.outbox.retry()
        told = f"{counted(count, 'message')} {'is' if count == 1 else 'are'} sent again"
        note(f"{told} by the next run of watch or serve with the same --webhooks.")
    found = store.outbox.log(limit=limit)
    if as_json:
        for delivery in found:
            write_json(delivery.to_dict())
        return
    # Cut to a width, an address is none.
    table = Table("call", "created", Column("address", overflow="fold"), "state", "attempts", "last answer")
    for delivery in found:
        last = delivery.attempts[-1] if delivery.attempts else None
        told = "" if last is None else last.problem or str(last.status)
        moment = delivery.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
        address, tries = escape(without_secrets(delivery.url)), str(len(delivery.attempts))
        table.add_row(str(delivery.alert.call_id), moment, address, delivery.state, tries, escape(told))
    results.print(table)

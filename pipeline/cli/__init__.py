"""The command line: one file per verb, and a default verb that is the conversion."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import pairwise
from types import FrameType
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from pipeline import __version__
from pipeline.cli.console import fail, speak_to_programs
from pipeline.cli.streams import connected
from pipeline.cli.usage import check_options, in_own_words, without_types
from pipeline.cli.verbs import PANELS, VERB_NAMES, spelled, with_verb
from pipeline.core.errors import OutputLost, UsageError
from pipeline.core.failures import debugging, explained

__all__ = ["VERBS", "app", "main", "with_verb"]

app = typer.Typer(
    name="detect.py",
    help=(
        "Hear a recording, tell how and what was said, and say it again in the emotion and voice that you choose.\n\n"
        "[bold]python detect.py AUDIO... [EMOTION] [SPEAKER][/bold]\n\n"
        "AUDIO is a file, several files, a folder, a glob or - for standard input. "
        "EMOTION is auto (the detected one), neutral, calm, happy, sad, angry, fearful, disgusted, surprised or a mood "
        "of your own; 'very' or 'slightly' before it sets the strength. "
        "SPEAKER is youngwoman, youngman, smallgirl or middlemale. "
        "The result is output/N.wav with output/N.json beside it."
    ),
    epilog="The options of the conversion: python detect.py convert --help. A file named like a verb: ./train",
    subcommand_metavar="AUDIO... [EMOTION] [SPEAKER] | VERB ...",
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "token_normalize_func": spelled},
)

VERBS: Final[dict[str, Callable[..., None]]] = {
    verb: getattr(import_module(f"{__name__}.{verb}"), verb) for verb in VERB_NAMES
}
"""Verb to the function that does it, which bears its name in a module of its name; in the order of the help."""

_INTERRUPTED: Final = 130
"""Exit code after Ctrl-C."""


class _WithoutTypes:
    """Whose help names no type where the option or its placeholder says enough."""

    def get_params(self, ctx: Any) -> list[Any]:
        return without_types(super().get_params(ctx), ctx)  # type: ignore[misc]


class _Verb(_WithoutTypes, TyperCommand):
    """A verb."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given, _, order = self.make_parser(ctx).parse_args(list(args))
        check_options(given, order)
        return super().parse_args(ctx, args)


class _Verbs(_WithoutTypes, TyperGroup):
    """The options that stand before any verb."""


for panel, verbs in PANELS.items():
    for verb in verbs:
        app.command(verb, cls=_Verb, rich_help_panel=panel)(VERBS[verb])


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"Resay {__version__}")
        raise typer.Exit


@app.callback(cls=_Verbs)
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Take the options that stand before any verb."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code.

    Args:
        arguments: What stands after the program's name; those of the process by default.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    speak_to_programs("--progress=json" in given or ("--progress", "json") in pairwise(given))
    _end_in_order()
    with connected() as has_output:
        try:
            if not has_output:
                raise OutputLost("Standard output is closed.", hint="Send it to a file, or to /dev/null.")
            try:
                code = app(args=with_verb(given), prog_name="detect.py", standalone_mode=False)
            finally:
                sys.stdout.flush()
        except KeyboardInterrupt:
            raise SystemExit(_INTERRUPTED) from None
        except typer.Abort:
            raise SystemExit(1) from None
        except TyperException as error:
            if type(error).__name__ != "NoArgsIsHelpError":
                _fail(in_own_words(error, given))
            code = UsageError.exit_code
        except Exception as error:
            _fail(error)
    raise SystemExit(code or 0)


def _fail(error: Exception) -> NoReturn:
    """Print an error in one line, after its traceback where that is asked for, and leave with its exit code."""
    if _signals:
        # A library that was being loaded makes an error of its own of what a signal raises.
        raise SystemExit(128 + _signals[-1])
    if debugging():
        traceback.print_exception(error)
    fail(explained(error))


_signals: list[int] = []
"""Signals that asked this run to end."""

_interrupts: list[float] = []
"""When somebody pressed Ctrl-C, by the monotonic clock."""

_SAME_WISH: Final = 3.0
"""Seconds; set by hand, above the time of an orderly end."""


def _end_in_order() -> None:
    """Let what ends a program pass through it as an exit, so that nothing half-written is left."""
    _signals.clear()
    _interrupts.clear()
    if threading.current_thread() is not threading.main_thread():
        return  # Only the main thread may ask.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        # What is ignored, as nohup does it, stays so.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _ended)


def _interrupted(number: int, _: FrameType | None) -> None:
    """Begin to end at the first Ctrl-C; another one soon after it is the same wish, and a later one ends at once."""
    _interrupts.append(time.monotonic())
    if len(_interrupts) == 1:
        _signals.append(number)
        raise KeyboardInterrupt
    if _interrupts[-1] - _interrupts[0] > _SAME_WISH:
        os._exit(_INTERRUPTED)


def _ended(number: int, _: FrameType | None) -> NoReturn:
    _signals.append(number)
    sys.exit(128 + number)

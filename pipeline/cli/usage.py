"""The errors of the parser of arguments, said in the words of all other errors."""

from __future__ import annotations

import os
import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from typer.exceptions import TyperException

from pipeline.cli.verbs import spelled
from pipeline.core.errors import UsageError
from pipeline.core.files import require_name
from pipeline.core.messages import in_words, refusal
from pipeline.core.spelling import did_you_mean

__all__ = ["check_options", "in_own_words", "without_types"]

_OPTION: Final = re.compile(r"--[a-z][a-z-]+")
"""What looks like an option, and is no value."""


def in_own_words(error: TyperException, arguments: Sequence[str]) -> UsageError:
    """Return an error of the parser as one of ours.

    Args:
        error: What the parser found.
        arguments: All arguments, for the option as it was typed: the parser knows only the spelling that it compares.
    """
    details: Any = error
    context = getattr(error, "ctx", None)
    verb = getattr(context, "info_name", "") if getattr(context, "parent", None) else ""
    help_hint = f"See detect.py {f'{verb} ' if verb else ''}--help."
    match type(error).__name__:
        case "NoSuchOption":
            typed = _typed(details.option_name, arguments)
            near = did_you_mean(typed, _flags(context)).strip() or _of_no_option(arguments)
            return UsageError(f"There is no option {typed}.", hint=near or help_hint)
        case "MissingParameter":
            return UsageError(f"Missing {details.param.param_type_name} '{_name(details.param)}'.", hint=help_hint)
        case "BadOptionUsage":
            takes = "takes no value" if "not take a value" in details.message else "needs a value"
            return UsageError(f"The option {_typed(details.option_name, arguments)} {takes}.", hint=help_hint)
        case "BadParameter":
            return _bad_value(_name(details.param), error.__cause__, details.message)
    message = error.format_message()
    if "unexpected extra argument" in message:
        words = message.rpartition("(")[2].rpartition(")")[0]
        return UsageError(f"There are too many words: {words}.", hint=help_hint)
    return UsageError(message, hint=help_hint)


def _of_no_option(arguments: Sequence[str]) -> str:
    """Return what to do where a file or a text begins with a hyphen; empty if none does."""
    hyphened = [each for each in arguments if each.startswith("-")]
    if file := next(filter(os.path.exists, hyphened), ""):
        return f"The file of this name is ./{file}"
    if text := next((each for each in hyphened if " " in each or each[1:2].isdigit()), ""):
        return f"A text that begins with a hyphen stands behind --: -- {shlex.quote(text)}"
    return ""


def check_options(given: Mapping[str, Any], order: Sequence[Any]) -> None:
    """Refuse options of which one value would be dropped in silence, that lack one, and paths that nobody means.

    Args:
        given: What the parser found: texts, or lists of them, by the name of the parameter.
        order: The parameters of the options and arguments, each as often as it was given.

    Raises:
        UsageError: An option that takes one value is given twice, or another option stands where its value should, or
            a path has no name.
    """
    for parameter, count in Counter(order).items():
        if parameter.param_type_name != "option" or getattr(parameter, "is_flag", False):
            continue
        if count > 1 and not parameter.multiple:
            raise UsageError(f"{_name(parameter)} is given {count} times.", hint="Leave all but one of them out.")
        values = given[parameter.name]
        values = values if isinstance(values, list) else [values]
        if "" in values and parameter.metavar == "LIST":
            raise UsageError(f"{_name(parameter)} is empty.", hint="Give a list, or leave it out.")
        if option := next((value for value in values if _OPTION.fullmatch(str(value))), ""):
            raise UsageError(
                f"The option {_name(parameter)} needs a value, and {option} is an option.",
                hint=f"Give one; a file of this name is ./{option}",
            )
        if not {"FILE", "FOLDER"} & set(str(parameter.metavar).split("|")):
            continue
        for value in values:
            try:
                require_name(value)
            except ValueError as error:
                raise UsageError(f"{_name(parameter)} cannot be '{value}': {error}.") from error


def _name(parameter: Any) -> str:
    """Return what an option or an argument is called in the help."""
    return str(parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar or parameter.name)


def _bad_value(name: str, cause: BaseException | None, message: str) -> UsageError:
    """Return the error about a value that the parser cannot take."""
    from pydantic import ValidationError

    if not isinstance(cause, ValidationError):
        return UsageError(f"{name}: {message.rstrip('.')}.")
    first = cause.errors()[0]
    given, why = in_words(first["input"]), refusal(first)
    if " is not one of " not in why:
        return UsageError(f"{name} cannot be '{given}': {why}.")
    choices = re.findall("'([^']*)'", why.partition(" is not one of ")[2])
    return UsageError(
        f"{name} cannot be '{given}'.", hint=f"{did_you_mean(given, choices)}Choose one of {', '.join(choices)}."
    )


def _flags(context: Any) -> list[str]:
    """Return the options that the verb of a context takes and shows."""
    if context is None:
        return []
    parameters = [parameter for parameter in context.command.params if not getattr(parameter, "hidden", False)]
    return [flag for parameter in parameters for flag in parameter.opts if flag.startswith("--")]


def _typed(option: str, arguments: Sequence[str]) -> str:
    """Return an option as it was typed."""
    names = [argument.partition("=")[0] for argument in arguments if argument.startswith("-")]
    return next((name for name in names if spelled(name.lstrip("-")) == option.lstrip("-")), option)


def without_types(parameters: list[Any], context: Any) -> list[Any]:
    """Return the parameters of a verb without types that only programmers read: `<bool>`, `<list[str]>`."""
    for parameter in parameters:
        if parameter.param_type_name == "argument" and "|" not in str(parameter.display_type(context)):
            parameter.display_type_rich = lambda ctx: None
        elif getattr(parameter, "is_flag", False) and parameter.metavar is None:
            parameter.metavar = ""
    return parameters

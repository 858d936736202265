"""Files, folders, globs and `-` become a list of recordings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.batch.plan import find_recordings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "10.wav", "2.wav", "1.MP3", "b/3.flac", "b/c/4.webm", "a/20.m4a", "a/3.opus", "notes.txt", "录音 1.wav",
        ".hidden.wav", ".git/5.wav", "empty/readme.md", "take[1].wav", "train",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


ALL = ["1.MP3", "2.wav", "10.wav", "a/3.opus", "a/20.m4a", "b/3.flac", "b/c/4.webm", "take[1].wav", "录音 1.wav"]


@pytest.mark.parametrize(
    ("inputs", "found"),
    [
        ([], []),
        (["10.wav", "2.wav"], ["10.wav", "2.wav"]),
        (["notes.txt", "./train"], ["notes.txt", "./train"]),
        (["."], [f"./{name}" for name in ALL]),
        (["b/"], ["b/3.flac", "b/c/4.webm"]),
        (["*.wav"], ["2.wav", "10.wav", "take[1].wav", "录音 1.wav"]),
        (["?"], ["a/3.opus", "a/20.m4a", "b/3.flac", "b/c/4.webm"]),
        (["**/*.flac"], ["b/3.flac"]),
        (["take[1].wav"], ["take[1].wav"]),
        (["missing.wav", "2.wav"], ["missing.wav", "2.wav"]),
        (["no*match"], ["no*match"]),
        (["empty"], ["empty"]),
        (["-", "2.wav"], ["-", "2.wav"]),
        (["2.wav", "2.wav"], ["2.wav", "2.wav"]),
    ],
)
def test_what_inputs_stand_for(inputs, found, folder: Path) -> None:
    assert find_recordings(inputs) == [name.replace("/", os.sep) if "*" in inputs[0] else name for name in found]


@pytest.mark.parametrize("ending", "avi flv mts m2ts wmv w64 ogv ac3 3g2 AVI".split())
def test_a_folder_gives_recordings_of_every_kind(ending, tmp_path: Path) -> None:
    (tmp_path / f"film.{ending}").write_bytes(b"x")
    assert find_recordings([tmp_path]) == [str(tmp_path / f"film.{ending}")]


@pytest.mark.parametrize(
    ("content", "is_film"),
    [
        ((b"G" + bytes(187)) * 4, True),
        ((b"G" + bytes(203)) * 4, True),
        (b"import { a } from 'b';\n" * 40, False),
        (b"Greatly commented = 1;\n" * 40, False),
        (b"G", False),
        (b"", False),
    ],
)
def test_a_program_in_typescript_is_no_film(content: bytes, is_film: bool, tmp_path: Path) -> None:
    (tmp_path / "it.ts").write_bytes(content)
    assert (find_recordings([tmp_path]) != [str(tmp_path)]) == is_film
    assert find_recordings([tmp_path / "it.ts"]) == [str(tmp_path / "it.ts")]


def test_paths_are_taken_too(folder: Path) -> None:
    assert find_recordings([folder / "b"]) == [str(folder / "b/3.flac"), str(folder / "b/c/4.webm")]


def test_a_folder_that_holds_itself_ends(folder: Path) -> None:
    (folder / "b" / "again").symlink_to(folder / "b", target_is_directory=True)
    assert find_recordings(["b"]) == ["b/3.flac", "b/c/4.webm"]

import json
import multiprocessing
from pathlib import Path

import pytest

from pipeline.core.errors import OutputError, UsageError
from pipeline.core.numbering import write_named, write_numbered


def write(folder, content=b"sound"):
    return write_numbered(folder, lambda path: path.write_bytes(content) and None, lambda path: {"output": str(path)})


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_numbers_follow_each_other(tmp_path):
    folder = tmp_path / "new" / "output"
    assert [write(folder).name for _ in range(3)] == ["1.wav", "2.wav", "3.wav"]
    assert names(folder) == ["1.json", "1.wav", "2.json", "2.wav", "3.json", "3.wav"]
    assert json.loads((folder / "2.json").read_text())["output"] == str(folder / "2.wav")


@pytest.mark.parametrize(
    ("there", "next_name"),
    [
        (["1.wav"], "2.wav"),
        (["7.json"], "8.wav"),
        (["3.flac", "10.wav"], "11.wav"),
        ([".4.claim"], "5.wav"),
        (["speech.wav", "0.wav", "1b.wav", ".gitkeep", "02.wav"], "1.wav"),
    ],
)
def test_the_next_number_follows_the_largest(tmp_path, there, next_name):
    for name in there:
        (tmp_path / name).write_bytes(b"x")
    assert write(tmp_path).name == next_name
    assert all((tmp_path / name).read_bytes() == b"x" for name in there)


@pytest.mark.parametrize("failing", ["sound", "description"])
def test_a_failure_leaves_nothing(tmp_path, failing):
    def sound(path: Path) -> None:
        path.write_bytes(b"half")
        if failing == "sound":
            raise OSError(28, "No space left on device")

    def description(path: Path) -> dict[str, object]:
        if failing == "description":
            raise OSError(28, "No space left on device")
        return {}

    with pytest.raises(OutputError, match="no space is left"):
        write_numbered(tmp_path, sound, description)
    assert names(tmp_path) == []


@pytest.mark.parametrize("arriving", ["speech.wav", "speech.json", "speech.mp3"])
def test_what_another_process_wrote_in_the_meantime_stays(tmp_path, arriving):
    def sound(path: Path) -> None:
        path.write_bytes(b"mine")
        (tmp_path / arriving).write_bytes(b"theirs")

    def write(*, overwrite: bool) -> Path:
        return write_named(tmp_path / "speech.wav", sound, lambda path: {}, formats=("wav", "mp3"), overwrite=overwrite)

    with pytest.raises(UsageError, match="exists already"):
        write(overwrite=False)
    assert (tmp_path / arriving).read_bytes() == b"theirs"
    assert not list(tmp_path.glob(".*"))
    assert write(overwrite=True).read_bytes() == b"mine"


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "output").write_bytes(b"")
    with pytest.raises(OutputError):
        write(tmp_path / "output")


def _write_fifty(folder: Path, writer: int) -> list[str]:
    return [write(folder, f"{writer} {number}".encode()).name for number in range(50)]


def test_sixteen_processes_share_no_number(tmp_path):
    with multiprocessing.get_context("spawn").Pool(16) as pool:
        written = pool.starmap(_write_fifty, [(tmp_path, writer) for writer in range(16)])
    numbers = [name for names_of_one in written for name in names_of_one]
    assert len(numbers) == len(set(numbers)) == 800
    assert len(names(tmp_path)) == 1600
    contents = {
        (tmp_path / name).read_text(): (writer, number)
        for writer, names_of_one in enumerate(written)
        for number, name in enumerate(names_of_one)
    }
    assert contents == {f"{writer} {number}": (writer, number) for writer in range(16) for number in range(50)}
    assert all(json.loads((tmp_path / name).with_suffix(".json").read_text()) for name in numbers)

"""Recordings and results in object storage: a server of it that runs here, and memory."""

from __future__ import annotations

import json
import logging
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest
from hub import DATASET, hub_with
from small_batch import stand_in_pipeline, tone

from pipeline.batch import Failure
from pipeline.batch.items import WorkItem
from pipeline.batch.places import StoredFolder
from pipeline.batch.plan import find_recordings
from pipeline.batch.storage import Stored, check_output
from pipeline.batch.stored_journal import StoredJournal
from pipeline.chain.engines import Engines
from pipeline.cli import main
from pipeline.core.errors import UnreadableAudio, UsageError
from pipeline.core.results import Conversion

fsspec = pytest.importorskip("fsspec", reason="the extra storage is not installed")


@pytest.fixture(autouse=True)
def _no_reader(monkeypatch):
    monkeypatch.setattr(Engines, "reader", lambda self: None)


@pytest.fixture(scope="module")
def server():
    """A server of object storage; its address."""
    moto = pytest.importorskip("moto.server", reason="moto, a server of object storage, is not installed")
    pytest.importorskip("s3fs", reason="the extra storage is not installed")
    started = moto.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    started.start()
    host, port = started.get_host_and_port()
    yield f"http://{host}:{port}"
    started.stop()


@pytest.fixture(params=["memory", "s3"])
def bucket(request, monkeypatch, tmp_path) -> str:
    """An empty place in a store; its URI."""
    name = "".join(letter for letter in tmp_path.name.casefold() if letter.isalnum())
    if request.param == "memory":
        return f"memory://{name}"
    variables = {
        "AWS_ENDPOINT_URL": request.getfixturevalue("server"),
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    Stored(f"s3://{name}").files.mkdir(name)
    return f"s3://{name}"


@pytest.fixture
def recordings(bucket, tmp_path) -> str:
    for number in range(4):
        content = tone(tmp_path / f"{number}.wav", number).read_bytes()
        Stored(f"{bucket}/in/sub/{number}.wav").write(content)
    Stored(f"{bucket}/in/notes.txt").write(b"no recording")
    return f"{bucket}/in"


def names(uri: str) -> list[str]:
    return sorted(Stored(uri).names())


def test_results_are_those_of_a_folder(bucket, recordings, tmp_path):
    pipeline = stand_in_pipeline()
    some = [tmp_path / f"{number}.wav" for number in range(4)]
    here = list(pipeline.convert_many(some, "happy", output=tmp_path / "out"))
    there = list(pipeline.convert_many([recordings], "happy", output=f"{bucket}/out"))
    assert [each.output for each in there] == [f"{bucket}/out/{number}.wav" for number in range(1, 5)]
    assert [each.source for each in there] == [f"{recordings}/sub/{number}.wav" for number in range(4)]
    for one, other in zip(here, there, strict=True):
        assert Stored(other.output).read() == Path(one.output).read_bytes()
        written = json.loads(Stored(other.output.replace(".wav", ".json")).read())
        assert (written["output"], written["source"], written["text"]) == (other.output, other.source, one.text)
    assert [each.output for each in pipeline.convert_many([recordings], "happy", output=f"{bucket}/out")] == [
        each.output for each in there
    ]
    assert names(f"{bucket}/out") == sorted(
        [".batch", *(f"{number}.{ending}" for number in range(1, 5) for ending in ("json", "wav"))]
    )


def test_an_interrupted_batch_goes_on(bucket, recordings):
    pipeline, output = stand_in_pipeline(), f"{bucket}/out"
    results = pipeline.convert_many([recordings], "happy", output=output)
    first = next(results)
    before = Stored(first.output).files.info(Stored(first.output).path)
    # The process is gone: nothing is closed. Another one takes over, and the first learns it.
    again = list(stand_in_pipeline().convert_many([recordings], "happy", output=output))
    assert [each.output for each in again] == [f"{output}/{number}.wav" for number in range(1, 5)]
    assert Stored(first.output).files.info(Stored(first.output).path) == before, "nothing is done twice"
    with pytest.raises(UsageError, match="Another batch"):
        list(results)
    assert [each.output for each in pipeline.convert_many([recordings], "sad", output=output)] == [
        f"{output}/{number}.wav" for number in range(5, 9)
    ]


@pytest.mark.parametrize("bucket", ["memory"], indirect=True)
def test_every_prefix_of_the_journal_ends_in_the_same(bucket, recordings):
    """A kill after any step, with the results of the step written or not."""
    pipeline, output = stand_in_pipeline(), f"{bucket}/out"
    results = pipeline.convert_many([recordings], "happy", output=output)
    list(zip(range(4), results, strict=False))
    journal, written = Stored(f"{output}/.batch"), {}
    for name in names(output):
        if name != ".batch":
            written[name] = Stored(f"{output}/{name}").read()
    steps = dict(zip(names(journal.uri), journal.read_all(names(journal.uri)), strict=True))
    assert len(steps) >= 8
    for cut in range(1, len(steps), 2):
        for is_written in (False, True):
            Stored(output).files.rm(Stored(output).path, recursive=True)
            kept = list(steps.items())[:cut]
            for name, content in kept:
                (journal / name).write(content)
            finished = sum(b'"done"' in content for _, content in kept) + is_written
            for name, content in written.items():
                if int(name.split(".")[0]) <= min(finished, (cut) // 2):
                    Stored(f"{output}/{name}").write(content)
            found = list(stand_in_pipeline().convert_many([recordings], "happy", output=output))
            assert [each.output for each in found] == [f"{output}/{number}.wav" for number in range(1, 5)], cut
            assert [name for name in names(output) if name != ".batch"] == sorted(written)


def test_a_journal_is_taken_over_by_who_opens_it_last(bucket):
    first = StoredJournal(f"{bucket}/out")
    first.start("a", "a.wav", "1")
    second = StoredJournal(f"{bucket}/out")
    assert second.entries["a"].place == "1"
    second.finish("a")
    second.close()
    with pytest.raises(UsageError, match="Another batch"):
        first.start("b", "b.wav", "2")
    third = StoredJournal(f"{bucket}/out")
    assert (list(third.entries), third.entries["a"].done) == (["a"], True)
    with pytest.raises(UsageError, match="Another batch"):
        first.start("b", "b.wav", "2")


def test_numbers_follow_what_is_there(bucket):
    Stored(f"{bucket}/out/7.mp3").write(b"x")
    folder = StoredFolder(f"{bucket}/out")
    assert [folder.claim(1), folder.claim(1), folder.claim(20)] == [8, 9, 20]
    item = WorkItem(0, "convert", "a", "a", output=f"{bucket}/out/7.mp3")
    assert folder.conversion(item) is None


def test_a_bad_recording_is_reported(bucket, recordings):
    Stored(f"{recordings}/sub/1.wav").write(b"no sound")
    found = list(stand_in_pipeline().convert_many([recordings], "happy", output=f"{bucket}/out"))
    assert [type(each) for each in found] == [Conversion, Failure, Conversion, Conversion]
    assert f"{recordings}/sub/1.wav" in str(found[1].error)


def test_folders_globs_and_files_are_found(bucket, recordings):
    assert find_recordings([f"{recordings}/sub/1.wav"]) == [f"{recordings}/sub/1.wav"]
    assert find_recordings([f"{recordings}/*/[12].wav"]) == [f"{recordings}/sub/{number}.wav" for number in (1, 2)]
    with pytest.raises(UnreadableAudio, match="no recordings"):
        find_recordings([f"{bucket}/none"])


def test_recordings_of_a_dataset_on_the_hub(tmp_path, monkeypatch):
    pytest.importorskip("huggingface_hub", reason="the extra storage is not installed")
    files = {f"clips/{number}.wav": tone(tmp_path / f"{number}.wav", number).read_bytes() for number in range(3)}
    with hub_with(files | {"README.md": b"# Talks"}) as address:
        monkeypatch.setitem(fsspec.config.conf, "hf", {"endpoint": address})
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
        found = list(stand_in_pipeline().convert_many([f"hf://{DATASET}"], "happy", output=tmp_path / "out"))
        again = list(stand_in_pipeline().convert_many([f"hf://{DATASET}/clips"], "happy", output=tmp_path / "out"))
    assert [each.source for each in found] == [f"hf://{DATASET}/{name}" for name in files]
    here = stand_in_pipeline().convert_many([tmp_path / "1.wav"], "happy", output=tmp_path / "here")
    assert Path(found[1].output).read_bytes() == Path(next(here).output).read_bytes()
    assert [each.output for each in again] == [each.output for each in found]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["s5://bucket/a.wav", "happy"], "no place that is known"),
        (["s3:///", "happy"], "names no bucket"),
        (["memory://nowhere/a.wav", "happy"], "holds no recordings"),
        (["a.wav", "happy", "-o", "ftp://there/x"], "no place that is known"),
        (["a.wav", "happy", "-o", "hf://datasets/somebody/x"], "each file would be a commit"),
        (["a.wav", "happy", "-o", "memory://there/x.wav"], "is one file"),
        (["transcribe", "a.wav", "-f", "txt", "-o", "ftp://there/x"], "no place that is known"),
        (["recognize", "a.wav", "--report", "ftp://there/x.json"], "no place that is known"),
        (["speak", "Good evening.", "-o", "s3://there/x.wav"], "no file of this machine"),
        pytest.param(
            ["a.wav", "a.wav", "happy", "--workers", "ray://127.0.0.1:1"],
            "No Ray cluster answers",
            marks=pytest.mark.skipif(not find_spec("ray"), reason="the extra ray is not installed"),
        ),
        (["a.wav", "a.wav", "happy", "--workers", "ray:/there"], "ray://HOST:10001"),
        (["a.wav", "happy", "--workers", "ray"], "not worth Ray"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_loads(arguments, said, tmp_path, monkeypatch, capsys):
    tone(tmp_path / "a.wav", 1)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Engines, "_get", lambda *_, **__: pytest.fail("an engine was loaded"))
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code in (2, 4)
    assert said in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("output",)] == ["a.wav"]


def test_the_place_of_results_is_a_folder_here_while_they_are_made(tmp_path):
    assert check_output(tmp_path) == tmp_path


def test_a_store_that_does_not_answer_is_told_in_one_line(monkeypatch, capsys):
    never = threading.Event()

    def exists(self, path, **given):
        logging.getLogger("google.auth").warning("Compute Engine Metadata server unavailable")
        return never.wait(60)

    monkeypatch.setattr("pipeline.batch.storage._PATIENCE", 0.1)
    monkeypatch.setattr(fsspec.get_filesystem_class("memory"), "exists", exists)
    with pytest.raises(SystemExit) as left:
        main(["recognize", "memory://silent/a.wav"])
    assert left.value.code == 4
    assert capsys.readouterr().err == (
        "error: memory://silent/a.wav cannot be reached: nothing answered within 0.1 seconds."
        " Check the URI, the network, and who may do so.\n"
    )
    never.set()

"""Results of Resay that turn up among the recordings are known by their mark, and left out."""

from __future__ import annotations

import json
import os
import shutil
import threading
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from pipeline.audio import SOUND_FORMATS, SoundInformation, read_information, write_sound
from pipeline.audio.writing import is_result
from pipeline.chain import VoicePipeline
from pipeline.cli import main
from pipeline.core.errors import NoSpeech
from pipeline.core.values import Audio

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"
INFORMATION = SoundInformation("embedded", 'young"woman', "开心", title="Good evening.")
SOUND = Audio(np.random.default_rng(0).normal(0, 0.1, 24_000).astype(np.float32), 24_000)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def recording(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, SOUND.samples, SOUND.sample_rate)
    return path


def result(path: Path) -> Path:
    write_sound(path, SOUND, information=INFORMATION)
    return path


def transcoded(source: Path, target: Path, codec: str, rate: int) -> Path:
    """Turn a result into another format as other programs do: with what it says of itself."""
    with av.open(str(source)) as read, av.open(str(target), "w") as written:
        track = read.streams.audio[0]
        written.metadata.update(track.metadata | read.metadata)
        stream = written.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=rate)
        frames = [*read.decode(track), None]
        for frame in frames:
            for piece in resampler.resample(frame):
                written.mux(stream.encode(piece))
        written.mux(stream.encode(None))
    return target


@pytest.mark.parametrize("ending", SOUND_FORMATS)
def test_every_format_that_is_written_bears_the_mark(ending, here) -> None:
    assert is_result(result(here / f"1.{ending}"))
    assert is_result(shutil.copy(here / f"1.{ending}", here / "renamed.bin"))


@pytest.mark.parametrize("source", SOUND_FORMATS)
@pytest.mark.parametrize(
    ("ending", "codec", "rate"),
    [
        ("m4a", "aac", 24_000),
        ("mp4", "aac", 24_000),
        ("webm", "libopus", 48_000),
        ("mp3", "libmp3lame", 24_000),
        ("flac", "flac", 24_000),
        ("opus", "libopus", 48_000),
        ("wav", "pcm_s16le", 24_000),
    ],
)
def test_the_mark_survives_in_other_formats(source, ending, codec, rate, here) -> None:
    found = read_information(transcoded(result(here / f"1.{source}"), here / f"2.{ending}", codec, rate))
    assert found is not None
    assert (found.engine, found.voice, found.emotion) == ("embedded", 'young"woman', "开心")


def test_a_wav_may_bear_it_in_an_id3_chunk_alone(here) -> None:
    mp3 = transcoded(result(here / "1.wav"), here / "2.mp3", "libmp3lame", 24_000).read_bytes()
    tag = mp3[: 10 + sum(byte << shift for byte, shift in zip(mp3[6:10], (21, 14, 7, 0), strict=True))]
    wav = recording(here / "a.wav").read_bytes() + b"id3 " + len(tag).to_bytes(4, "little") + tag
    (here / "b.wav").write_bytes(wav[:4] + (len(wav) - 8).to_bytes(4, "little") + wav[8:])
    assert is_result(here / "b.wav")


def test_a_wav_is_not_opened_by_pyav_for_its_mark(here, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.audio.writing.container_tags", lambda path: pytest.fail(f"{path} is opened"))
    assert is_result(result(here / "1.wav"))
    assert not is_result(recording(here / "a.wav"))


def test_other_files_do_not_bear_it(here) -> None:
    (here / "text.wav").write_text("Synthetic speech: engine")
    (here / "empty.wav").touch()
    pipe = here / "pipe.wav"
    os.mkfifo(pipe)
    for path in (recording(here / "a.wav"), EXAMPLE, here / "text.wav", here / "empty.wav", pipe, here, here / "none"):
        assert not is_result(path)


@pytest.fixture
def heard(monkeypatch):
    """The recordings that reach the pipeline; none is worked on."""
    sources: list[str] = []

    def work(self, source, *words, **options):
        sources.append(str(source))
        raise NoSpeech("nothing")

    for method in ("convert", "recognise", "transcribe", "verify"):
        monkeypatch.setattr(VoicePipeline, method, work)
    return sources


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


def test_a_folder_with_one_recording_is_gone_on_with(here, monkeypatch, capsys) -> None:
    recording(here / "clips" / "a.wav")
    journals: list[bool] = []
    monkeypatch.setattr("pipeline.batch.batch.Batch.run", lambda self, items: journals.append(bool(self.journal)) or ())
    run("clips", "happy", "-o", "out")
    run("clips/a.wav", "happy", "-o", "out", "--workers", "1")
    assert journals == [True, False]


@pytest.mark.parametrize("verb", ["convert", "recognize", "transcribe"])
@pytest.mark.parametrize(
    ("arguments", "taken", "told"),
    [
        (["."], ["./a.wav", "./b.wav"], "Left out, as results of Resay: ./output/1.wav and 1 more."),
        (["*.wav", "output"], ["a.wav", "b.wav"], "Left out"),
        (["a.wav", "output/1.wav"], ["a.wav"], "Left out, as results of Resay: output/1.wav."),
        (["output/1.wav"], ["output/1.wav"], "output/1.wav is a result of Resay"),
        (["*.wav", "output/*"], ["a.wav", "b.wav"], "Left out, as results of Resay: output/1.wav and 1 more."),
        (["a.wav", "output/1.json"], ["a.wav"], "Left out, as no recordings: output/1.json."),
        (["a.wav", "output/1.json", "output/1.srt"], ["a.wav"], "output/1.json and 1 more."),
        (["a.wav", "b.wav"], ["a.wav", "b.wav"], ""),
    ],
)
def test_results_are_left_out_of_what_is_mixed_with_them(verb, arguments, taken, told, here, heard, capsys) -> None:
    for name in ("a.wav", "b.wav"):
        recording(here / name)
    (here / "output").mkdir()
    for name in ("1.wav", "2.mp3"):
        result(here / "output" / name)
    for name in ("1.json", "1.srt"):
        (here / "output" / name).write_text("{}")
    run(verb, *arguments)
    assert heard == taken
    said = capsys.readouterr().err
    assert told in said
    assert ("note:" in said) == bool(told)


@pytest.mark.parametrize(
    ("verb", "taken", "told"),
    [
        ("convert", [], "There are only results of Resay"),
        ("recognize", ["output/1.wav", "output/2.mp3"], "These are results of Resay"),
        ("transcribe", ["output/1.wav", "output/2.mp3"], "These are results of Resay"),
        ("verify", ["output/1.wav", "output/2.mp3"], ""),
    ],
)
def test_results_alone_are_read_but_not_converted(verb, taken, told, here, heard, capsys) -> None:
    (here / "output").mkdir()
    for name in ("1.wav", "2.mp3"):
        result(here / "output" / name)
    run(verb, "output")
    assert heard == taken
    assert told in capsys.readouterr().err


def test_a_pipe_is_not_emptied_by_looking_at_it(here, heard) -> None:
    pipe = here / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"x"), daemon=True)
    writer.start()
    run("convert", "./pipe")
    assert heard == ["./pipe"]
    assert pipe.read_bytes() == b"x"
    writer.join(10)


def test_the_same_folder_is_converted_once(here, capsys) -> None:
    shutil.copy(EXAMPLE, here / "talk.wav")
    for _ in range(2):
        assert run(".", "happy", "--json") == 0
        done = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [conversion["source"] for conversion in done] == ["./talk.wav"]
        assert sorted(path.name for path in (here / "output").glob("*.wav")) == ["1.wav"]

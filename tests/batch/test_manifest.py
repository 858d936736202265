"""Manifests say of each recording how it is to be spoken, and who speaks in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_batch import stand_in, stand_in_pipeline, tone

from pipeline.batch.items import Recording
from pipeline.batch.manifest import read_manifest, with_profiles
from pipeline.cli import main
from pipeline.core.errors import NoSpeech, UsageError
from pipeline.core.options import CallOptions
from tests.growth import grows_in_step

FORMS = {
    "m.csv": "file,emotion,voice,strength,speaker\na.wav,happy,youngman,1.5,Ann\nb/c.wav,,,,\n",
    "m.tsv": "Path\tEmotion\tvoice\tstrength\tspeaker\na.wav\thappy\tyoungman\t1.5\tAnn\nb/c.wav\t\t\t\t\n",
    "metadata.csv": (
        "\ufefffile_name,transcription,mood,voice,strength,speaker_id\na.wav,words,happy,youngman,1.5,Ann\nb/c.wav,,,,,\n"
    ),
    "m.jsonl": (
        '{"file_name": "a.wav", "emotion": "happy", "voice": "youngman", "strength": 1.5, "speaker": "Ann"}\n\n'
        '{"audio": {"path": "b/c.wav", "bytes": null}, "emotion": null}\n'
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms(name, tmp_path):
    (tmp_path / name).write_text(FORMS[name], encoding="utf-8")
    first = {"emotion": "happy", "voice": "youngman", "strength": 1.5}
    assert read_manifest(tmp_path / name) == [
        Recording(str(tmp_path / "a.wav"), first, speaker="Ann"),
        Recording(str(tmp_path / "b" / "c.wav")),
    ]


def test_parquet_too(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = arrow.table({"file": ["a.wav", "b.wav"], "emotion": ["sad", None], "more": [[1], [2]]})
    parquet.write_table(table, tmp_path / "m.parquet")
    assert read_manifest(tmp_path / "m.parquet") == [
        Recording(str(tmp_path / "a.wav"), {"emotion": "sad"}),
        Recording(str(tmp_path / "b.wav")),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("m.txt", "a.wav", "End it in .csv"),
        ("m.csv", "", "names no recordings"),
        ("m.csv", "file,emotion\n", "names no recordings"),
        ("m.csv", "sound,emotion\na.wav,happy\n", "row 1: there is no recording"),
        ("m.csv", "file,emotion\na.wav,happy\n,sad\n", "row 2: there is no recording"),
        ("m.csv", "file,strength\na.wav,loud\n", "'loud' is no strength"),
        ("m.jsonl", '{"file": "a.wav"\n', "cannot be read"),
        ("m.jsonl", '["a.wav"]\n', "cannot be read"),
        ("m.jsonl", '{"file": "a.wav"}\n\n{"file": oh}\n', "line 3, column 10"),
        ("m.parquet", "no table", "cannot be read"),
        ("m.csv", "file,emotion,emotion\na.wav,happy,sad\n", "'emotion' stands in it twice"),
        ("m.jsonl", '{"file": "a.wav", "emotion": "happy", "emotion": "sad"}\n', "'emotion' stands in it twice"),
    ],
)
def test_what_is_wrong_is_told(name, content, said, tmp_path):
    (tmp_path / name).write_text(content)
    with pytest.raises(UsageError) as raised:
        read_manifest(tmp_path / name)
    assert said in str(raised.value)
    assert name in str(raised.value)
    with pytest.raises(UsageError, match="cannot be read"):
        read_manifest(tmp_path / "none.csv")


def test_speakers_that_occur_again_share_one_profile():
    learned = []

    class Learner:
        options = CallOptions()

        def profile(self, sources):
            learned.append(list(sources))
            if "mute1" in learned[-1]:
                raise NoSpeech("nothing")
            return f"profile {len(learned)}"

    rows = [
        Recording(name, {"voice": "youngman"}, speaker=who)
        for name, who in [
            ("a", "Ann"),
            ("b", "Ben"),
            ("a2", "Ann"),
            ("x", ""),
            ("y", ""),
            ("mute1", "M"),
            ("mute2", "M"),
        ]
    ]
    found = {each.source: each.options.get("speaker") for each in with_profiles(Learner(), rows)}
    assert found == {"a": "profile 1", "a2": "profile 1"} | dict.fromkeys(["b", "x", "y", "mute1", "mute2"])
    assert learned == [["a", "a2"], ["mute1", "mute2"]]


def test_many_speakers_cost_no_more_each_than_few():
    class Learner:
        options = CallOptions()

        def profile(self, sources):
            return len(list(sources))

    def work(names: str) -> None:
        speakers = [f"speaker {number}" for number in range(len(names))]
        twice = [Recording(f"{number}.wav", speaker=name) for number, name in enumerate(speakers * 2)]
        assert all(each.options["speaker"] == 2 for each in with_profiles(Learner(), twice))

    assert grows_in_step(work, "a", 1000)


@pytest.mark.parametrize("verb", ["transcribe", "recognize"])
def test_the_other_verbs_take_manifests_too(verb, tmp_path, monkeypatch, capsys):
    for number in range(2):
        tone(tmp_path / f"{number}.wav", number)
    (tmp_path / "m.csv").write_text("file,emotion\n1.wav,sad\n0.wav,\n")
    stand_in(monkeypatch.setattr)
    for arguments, code in [([], 0), (["a.wav"], 2), (["--watch"], 2)]:
        with pytest.raises(SystemExit) as left:
            main([verb, "--manifest", str(tmp_path / "m.csv"), "--each-alone", "--json", *arguments])
        assert left.value.code in (code, code or None)
        said = capsys.readouterr().out
        sources = [Path(row.get("file") or row["source"]).name for row in map(json.loads, said.splitlines())]
        assert sources == ([] if code else ["1.wav", "0.wav"])


def test_each_recording_is_said_as_its_row_wants(tmp_path):
    for number in range(3):
        tone(tmp_path / f"{number}.wav", number)
    (tmp_path / "m.csv").write_text("file,emotion,strength\n0.wav,sad,2\n1.wav,,\n2.wav,angry,0.5\n")
    pipeline = stand_in_pipeline()
    results = list(pipeline.convert_many(read_manifest(tmp_path / "m.csv"), "happy", output=tmp_path / "output"))
    assert [(each.emotion_spoken, each.strength) for each in results] == [("sad", 2), ("happy", 1), ("angry", 0.5)]
    assert [Path(each.output).name for each in results] == ["1.wav", "2.wav", "3.wav"]

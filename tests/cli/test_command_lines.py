"""Command lines as people type them: what is refused is refused at once, and what is meant is understood."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.chain import VoicePipeline
from pipeline.cli import main
from pipeline.core.engines import Registry

RAW = re.compile(
    r"\[Errno|Input should|Value error|validation error|PosixPath|WindowsPath|Traceback|object at 0x|<class|"
    r"ctx=|NoneType|\{'|\['|Error\("
)
"""What only programmers read."""

LINE = "1\n00:00:00,000 --> 00:00:01,000\nHello.\n"
SYNTHETIC = 'Synthetic speech: engine "embedded", voice "youngwoman", emotion "happy".'


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder with recordings, results, texts and things in the way."""
    monkeypatch.chdir(tmp_path)
    for name in ("talk.wav", "other.wav", "clips/a.wav", "clips/b.wav", "there.wav", "Recognise/a.wav"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 16000), 16000)
    for name in ("output/1.wav", "output/2.wav"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        with soundfile.SoundFile(path, "w", 16000, 1) as file:
            file.comment = SYNTHETIC
            file.write(np.zeros(1600, np.int16))
    (tmp_path / "story.txt").write_text("Once upon a time.")
    (tmp_path / "lines.srt").write_text(LINE)
    (tmp_path / "there.srt").write_text(LINE)
    (tmp_path / "long.srt").write_text(f"{LINE}\n2\n07:00:00,000 --> 07:00:01,000\nGoodbye.\n")
    (tmp_path / "there.png").write_bytes(b"")
    (tmp_path / "bad.yaml").write_text("strength: [1\n")
    (tmp_path / "wrong.yaml").write_text("strength: {a: 1}\n")
    (tmp_path / "twice.yaml").write_text("strength: 1\nstrength: 2\n")
    (tmp_path / "both.yaml").write_text("hint: Anna\nhotwords: Ben\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "model").mkdir()
    (tmp_path / "file").touch()
    for name in ("sad", "my talk.wav", "-x.wav"):
        (tmp_path / name).write_bytes((tmp_path / "talk.wav").read_bytes())
    return tmp_path


@pytest.fixture
def loaded(monkeypatch):
    """The engines that a command loads; none can be used."""
    names: list[str] = []

    def create(self, spec, **settings):
        names.append(spec.name)
        raise AssertionError(f"{spec.name} was loaded")

    monkeypatch.setattr(Registry, "create", create)
    return names


def tree(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*")}


def run(line: str, capsys) -> tuple[int, str]:
    """Return the exit code of a command line, and what it says on standard error."""
    with pytest.raises(SystemExit) as left:
        main(shlex.split(line))
    return int(left.value.code or 0), capsys.readouterr().err


REFUSED = [
    # An option where its value should be.
    ("talk.wav happy -o --overwrite", 2, "needs a value, and --overwrite is an option"),
    ("speak Hello --output --json", 2, "needs a value, and --json is an option"),
    ("transcribe talk.wav --hint --json", 2, "needs a value, and --json is an option"),
    # Verbs.
    ("transcibe talk.wav", 2, "Did you mean: detect.py transcribe talk.wav"),
    ("recogniz talk.wav", 2, "Did you mean: detect.py recognize talk.wav"),
    ("covnert talk.wav happy", 2, "Did you mean: detect.py convert talk.wav happy"),
    ("doktor", 2, "Did you mean: detect.py doctor"),
    ("tts 'Good evening.'", 2, "Did you mean: detect.py speak 'Good evening.'"),
    ("detect talk.wav", 2, "Did you mean: detect.py recognize talk.wav"),
    ("lisences", 2, "Did you mean: detect.py licenses"),
    ("licneses", 2, "Did you mean: detect.py licenses"),
    ("raed Hello.", 2, "Did you mean: detect.py read Hello."),
    ("help", 2, "Did you mean: detect.py --help"),
    ("frobnicate talk.wav", 2, "neither a verb nor a file 'frobnicate'"),
    ("--json recognize talk.wav", 2, "Did you mean: detect.py recognize --json talk.wav"),
    ("help recognise", 2, "Did you mean: detect.py recognise --help"),
    ("trans talk.wav", 2, "Did you mean: detect.py transcribe talk.wav"),
    ("talk happy", 2, "Did you mean talk.wav?"),
    ("my talk.wav happy", 2, "Did you mean: detect.py 'my talk.wav' happy"),
    # Emotions and voices in the place of a recording.
    ("very happy talk.wav", 2, "Did you mean: detect.py talk.wav very happy"),
    ("sad", 2, "A recording of this name: detect.py ./sad"),
    ("sad happy youngman", 2, "A recording of this name: detect.py ./sad happy youngman"),
    ("happy sad", 2, "Give AUDIO..."),
    ("happy talk.wav", 2, "Did you mean: detect.py talk.wav happy"),
    ("happy talk.wav youngman", 2, "Did you mean: detect.py talk.wav happy youngman"),
    ("youngwoman talk.wav", 2, "Did you mean: detect.py talk.wav youngwoman"),
    ("hapy talk.wav", 2, "Did you mean: detect.py talk.wav happy"),
    ("neutralise talk.wav", 2, "Did you mean: detect.py talk.wav neutralise"),
    ("happy", 2, "Give AUDIO..."),
    # Files.
    ("talk.wv happy", 4, "Did you mean talk.wav?"),
    ("talk.mp3 happy", 4, "Did you mean talk.wav?"),
    ("tallk", 2, "Did you mean talk.wav?"),
    ("talk.wav oter.wav happy", 4, "Did you mean other.wav?"),
    ("transcribe talk.wav oter.wav", 4, "oter.wav does not exist"),
    ("recognize clips tlak.wav", 4, "Did you mean talk.wav?"),
    ("/ happy", 2, "/ is a whole disk"),
    ("transcribe /usr/..", 2, "/usr/.. is a whole disk"),
    ("empty happy", 4, "without recordings"),
    ("nothing/*.wav happy", 4, "does not exist"),
    ("- - happy", 2, "only once"),
    ("talk.wav --emotion-from oter.wav", 4, "Did you mean other.wav?"),
    ("predict oter.wav", 4, "Did you mean other.wav?"),
    ("verify oter.wav", 4, "Did you mean other.wav?"),
    # Emotions and voices.
    ("talk.wav hapy", 2, "Did you mean happy"),
    ("talk.wav yongman", 2, "Did you mean youngman"),
    ("talk.wav happy yongman", 2, "Did you mean youngman?"),
    ("talk.wav man", 2, "Did you mean youngman?"),
    ("talk.wav happy Female", 2, "Did you mean youngwoman?"),
    ("talk.wav happy,sad", 2, "2 emotions: happy, sad"),
    ("talk.wav 'happy sad'", 2, "2 emotions: happy, sad"),
    # What begins with a hyphen, and what is empty.
    ("speak '-5 degrees' sad", 2, "-- '-5 degrees'"),
    ("read '-5 degrees'", 2, "-- '-5 degrees'"),
    ("recognize -x.wav", 2, "The file of this name is ./-x.wav"),
    ("read ''", 2, "There is no text to read"),
    ("read ' ' ''", 2, "There is no text to read"),
    ("speak ...", 2, "There is nothing to say in '...'"),
    ("read '?!'", 2, "There is nothing to say"),
    ("speak Hello -f ''", 2, "--formats is empty"),
    ("talk.wav --overwrite=maybe", 2, "--overwrite takes no value"),
    ("models pul kokoro", 2, "list|pull|remove cannot be 'pul'"),
    (f"speak Hello -o {300 * 'd/'}x.wav", 1, "it lies too deep"),
    ("speak sad happy", 2, "Did you mean: detect.py ./sad happy"),
    ("talk.wav happy robot", 2, "Choose one of youngwoman, youngman"),
    ("talk.wav 99", 2, "fearful"),
    ("talk.wav 'not happy'", 2, "says what the emotion is not"),
    ("talk.wav happy sad", 2, "two emotions: happy and sad"),
    ("talk.wav youngman smallgirl", 2, "two voices: youngman and smallgirl"),
    ("talk.wav happy youngman today", 2, "too many words"),
    ("talk.wav happy --emotion sad", 2, "two emotions: happy and sad"),
    ("talk.wav happy --emotion 'very happy'", 2, "two emotions"),
    ("talk.wav youngman --voice smallgirl", 2, "two voices: youngman and smallgirl"),
    ("talk.wav --speaker 2", 2, "Did you mean --speakers 2?"),
    ("talk.wav --voice robot", 2, "Choose one of youngwoman"),
    ("speak Hello. hapy", 2, "Did you mean happy"),
    ("speak Hello. happy robot", 2, "There is no voice 'robot'"),
    ("verify output/1.wav --emotion hapy", 2, "Did you mean happy"),
    # Engines, languages, values.
    ("talk.wav --tts hal", 2, "There is no synthesis engine 'hal'"),
    ("talk.wav --asr moonshin", 2, "Did you mean moonshine?"),
    ("talk.wav --tts emotivoice:/nowhere", 3, "not ready"),
    ("talk.wav --asr paddlespeech", 3, "pip install"),
    ("talk.wav --language xx", 3, "for language 'xx'"),
    ("talk.wav --language english", 2, "Did you mean en? Give an ISO 639-1 code such as en"),
    ("talk.wav --language Germann", 2, "Did you mean de?"),
    ("talk.wav --track German", 2, "Did you mean de? Give a number from 1"),
    ("transcribe talk.wav --channels spilt", 2, "Did you mean split? Give mix, split"),
    ("transcribe talk.wav --channels mixed", 2, "Did you mean mix?"),
    ("talk.wav --device cuda", 2, "--device cuda is of no use here"),
    ("recognize talk.wav --device mps", 2, "compute on the processor alone"),
    ("speak Hello. --tts embedded --device cuda", 2, "the chosen engines compute"),
    ("talk.wav happy --max-bytes 10", 4, "talk.wav is larger than 10 bytes"),
    ("recognize talk.wav --max-bytes 10", 4, "talk.wav is larger than 10 bytes"),
    ("speak 你好 --tts embedded --language zh", 2, "has no language 'zh'"),
    ("talk.wav --decoding attention", 2, "cannot decode by 'attention'"),
    ("talk.wav --model ./model", 3, "it does not exist"),
    ("recognize talk.wav --model modl", 2, "There is no recognition engine 'modl'"),
    ("talk.wav --strength loud", 2, "--strength cannot be 'loud': it must be a number"),
    ("talk.wav --strength 9", 2, "--strength cannot be '9': it must be at most 2"),
    ("talk.wav --candidates 1.5", 2, "--candidates cannot be '1.5': it must be a whole number"),
    ("talk.wav --speakers many", 2, "no number of speakers"),
    ("talk.wav --device abacus", 2, "--device cannot be 'abacus'"),
    *(
        (f"{verb} talk.wav {option}", 2, said)
        for verb in ("convert", "transcribe")
        for option, said in (
            ("--track 0", "number from 1, or the code of a language such as de or deu. talk.wav has one sound track"),
            ("--track -1", "talk.wav has one sound track with one channel"),
            ("--track french", "or the code of a language such as de or deu. talk.wav has one sound track"),
            ("--channels 0", "Give mix, split, or the number of a channel from 1. talk.wav has one sound track with"),
            ("--channels=-1", "talk.wav has one sound track with one channel"),
            ("--channels left", "Give mix, split, or the number of a channel from 1. talk.wav has one"),
        )
    ),
    ("transcribe talk.wav other.wav --track 0", 2, "Give a number from 1, or the code of a language"),
    ("transcribe story.txt --track 0", 2, "such as de or deu."),
    ("predict talk.wav --threads two", 2, "--threads cannot be 'two': it must be a whole number"),
    ("models pul whisper-base", 2, "Did you mean pull?"),
    # Options.
    ("talk.wav --strenght 2", 2, "Did you mean --strength?"),
    ("talk.wav --colour red", 2, "no option --colour"),
    ("talk.wav --ouput x", 2, "Did you mean --output?"),
    ("talk.wav --asr", 2, "--asr needs a value"),
    ("recognize", 2, "There is no recording. Give AUDIO..."),
    ("doctor now", 2, "too many words: now"),
    ("evaluate", 2, "Missing option '--data'"),
    ("evaluate --data nowhere", 2, "There is no folder nowhere"),
    ("train", 2, "Give the folder of a corpus: detect.py corpora lists them"),
    ("train --config configs/decoder.yaml", 2, "Give a file with a text on every line"),
    ("train --data nowhere", 2, "There is no folder nowhere"),
    ("train --data clips --config none.yaml", 2, "it does not exist. Give --config a YAML file"),
    ("talk.wav --config none.yaml", 2, "it does not exist"),
    ("talk.wav --config bad.yaml", 2, "it is not YAML (line 2, column 1)"),
    ("talk.wav --config wrong.yaml", 2, "cannot be 'names and values': it must be a number"),
    # What would be written.
    ("talk.wav happy -o there.wav", 2, "--overwrite"),
    ("talk.wav happy -o talk.wav --overwrite", 2, "the recording itself"),
    ("talk.wav other.wav happy -o new.wav", 2, "one file, but there are 2 recordings"),
    ("clips happy -o new.flac", 2, "one file, but there are 2 recordings"),
    ("talk.wav happy -o file", 1, "cannot be written"),
    ("talk.wav happy -o file/out", 1, "cannot be written"),
    ("talk.wav happy -o /proc/nowhere", 1, "cannot be written"),
    ("talk.wav happy -o new.m4a", 2, ".wav, .flac, .mp3, .opus"),
    ("talk.wav happy -o new.txt", 2, ".wav, .flac, .mp3, .opus"),
    ("talk.wav happy -f aac", 2, "There is no format 'aac'"),
    ("speak Hello. -o there.wav", 2, "--overwrite"),
    ("speak Hello. -o there.opus -f srt", 2, "there.srt exists already"),
    ("speak Hello. -o file/there.wav", 1, "cannot be written"),
    ("transcribe talk.wav -f srt -o file", 1, "cannot be written"),
    ("transcribe there.wav -f srt -o .", 2, "there.srt exists already"),
    ("recognize talk.wav --plot -o there.png", 2, "--overwrite"),
    ("recognize talk.wav other.wav --plot -o new.png", 2, "one file, but there are several"),
    ("recognize talk.wav --plot -o new.jpg", 2, "png"),
    ("recognize talk.wav --same-speaker --save-profile file", 2, "--overwrite"),
    ("talk.wav happy -o new/x.xyz", 2, ".wav, .flac, .mp3, .opus"),
    ("speak Hello. -o new/x.xyz", 2, ".wav, .flac, .mp3, .opus"),
    ("recognize talk.wav --plot -o new/x.xyz", 2, "png"),
    ("transcribe talk.wav -f srt -o new/talk.srt", 2, "talk.srt is the name of a file"),
    ("transcribe talk.wav -o talk.txt", 2, "talk.txt is the name of a file"),
    ("talk.wav happy -o -", 2, "not to standard output"),
    ("talk.wav other.wav happy -o -", 2, "not to standard output"),
    ("speak Hello. -o -", 2, "not to standard output"),
    ("speak Hello. -o -/x.wav", 2, "not to standard output"),
    ("transcribe talk.wav -f txt -o -", 2, "not to standard output"),
    ("recognize talk.wav --plot -o -", 2, "not to standard output"),
    ("recognize talk.wav --same-speaker --save-profile -", 2, "not to standard output"),
    ("talk.wav happy -o /proc", 1, "it takes no files. Give another place."),
    # Numbers that are none.
    ("talk.wav happy --strength nan", 2, "it must be a finite number"),
    ("talk.wav happy --strength inf", 2, "it must be a finite number"),
    ("speak Hello. --strength=-inf", 2, "it must be a finite number"),
    ("talk.wav happy --most-words-wrong nan", 2, "it must be a finite number"),
    ("transcribe talk.wav --max-streamed-seconds inf", 2, "it must be a finite number"),
    # Texts.
    ("speak", 2, "nothing to say"),
    ("speak story.txt happy", 2, "Did you mean: detect.py speak - happy < story.txt"),
    ("speak lines.srt", 2, "Did you mean: detect.py speak --srt lines.srt"),
    ("speak talk.wav happy", 2, "Did you mean: detect.py talk.wav happy"),
    ("speak Hello there my friend happy", 2, "Did you mean: detect.py speak 'Hello there my friend' happy"),
    ("speak Hello there very happy youngman", 2, "Did you mean: detect.py speak 'Hello there' 'very happy' youngman"),
    ("speak --srt line.srt", 2, "Did you mean lines.srt?"),
    # What will be large is told before the work.
    ("speak --srt long.srt --max-streamed-seconds 3600", 2, "hours after the beginning: speech with these pauses is"),
    ("speak absent.wav", 2, "There is no file absent.wav. To use the name itself as a text"),
    ("speak tallk.wav happy", 2, "There is no file tallk.wav. Did you mean talk.wav?"),
    ("speak stori.txt", 2, "Did you mean story.txt?"),
    ("speak .", 2, "is a folder, and no text"),
    ("speak clips/", 2, "is a folder, and no text"),
    ("speak ' '", 2, "nothing to say"),
    ("read stori.txt", 2, "Did you mean story.txt?"),
    ("read .", 2, "is a folder, and no text"),
    ("read ./clips", 2, "is a folder, and no text"),
    # Nothing where something should be, and one thing twice.
    ("talk.wav ''", 2, "A word is empty"),
    ("talk.wav ' ' youngman", 2, "A word is empty"),
    ("talk.wav happy ''", 2, "A word is empty"),
    ("convert '' happy", 2, "The name of a recording is empty"),
    ("'' happy", 2, "The name of a recording is empty"),
    ("transcribe ''", 2, "The name of a recording is empty"),
    ("recognize talk.wav ' '", 2, "The name of a recording is empty"),
    ("verify ''", 2, "The name of a recording is empty"),
    ("speak Hello. ''", 2, "A word is empty"),
    ("talk.wav --emotion ' '", 2, "must not be empty"),
    ("talk.wav --voice ''", 2, "must not be empty"),
    ("talk.wav happy -o ''", 2, "-output cannot be '': it must not be empty"),
    ("talk.wav happy -o ' '", 2, "it must not be empty"),
    ("talk.wav happy -o .wav", 2, "an ending without a name"),
    ("talk.wav happy -o new/.mp3", 2, "an ending without a name"),
    ("talk.wav happy -o x.wav.", 2, "its name ends in a full stop"),
    ("talk.wav happy -o 'x.wav '", 2, "its name has a space at an end"),
    ("talk.wav happy -o x.wav/", 2, "the slash at its end says a folder"),
    ("talk.wav happy -o there.wav/ --overwrite", 2, "the slash at its end says a folder"),
    ("speak Hello. -o x.opus/", 2, "the slash at its end says a folder"),
    ("transcribe talk.wav -f srt -o ''", 2, "it must not be empty"),
    ("recognize talk.wav --plot -o .png", 2, "an ending without a name"),
    ("recognize talk.wav --profile ''", 2, "it must not be empty"),
    ("talk.wav happy --config ''", 2, "it must not be empty"),
    ("talk.wav happy --report ''", 2, "it must not be empty"),
    ("predict talk.wav --model ''", 2, "it must not be empty"),
    ("train --data ''", 2, "it must not be empty"),
    ("talk.wav happy -o a -o b", 2, "--output is given 2 times"),
    ("talk.wav happy --output a -o b", 2, "--output is given 2 times"),
    ("talk.wav --emotion happy --emotion sad", 2, "--emotion is given 2 times"),
    ("talk.wav --voice youngman --speaker smallgirl", 2, "--voice is given 2 times"),
    ("speak Hello. --strength 1 --strength 2", 2, "--strength is given 2 times"),
    ("transcribe talk.wav -f srt -f vtt", 2, "--formats is given 2 times"),
    ("talk.wav auto auto", 2, "'auto' stands there twice"),
    ("talk.wav happy Happy", 2, "'happy' stands there twice"),
    ("speak Hello. youngman youngman", 2, "'youngman' stands there twice"),
    ("talk.wav --config twice.yaml", 2, "'strength' stands in it twice, in lines 1 and 2"),
    ("talk.wav --config both.yaml", 2, "'hint' and 'hotwords' (from both.yaml) are the same setting"),
    ("train --config twice.yaml --data clips", 2, "stands in it twice"),
    # Results among the recordings.
    ("output happy", 2, "only results of Resay"),
]


@pytest.mark.parametrize(("line", "code", "said"), REFUSED, ids=[line for line, *_ in REFUSED])
def test_what_cannot_be_is_refused_before_anything_is_loaded_or_written(line, code, said, here, loaded, capsys) -> None:
    before = tree(here)
    left, told = run(line, capsys)
    assert (left, loaded) == (code, [])
    assert said in told
    assert len([each for each in told.splitlines() if each.startswith("error:")]) == 1
    assert not RAW.search(told), told
    assert tree(here) == before


PROPOSALS = [line for line, _, said in REFUSED if said.startswith("Did you mean: detect.py") and "<" not in said]


@pytest.mark.parametrize("line", PROPOSALS)
def test_a_proposed_command_is_understood(line, here, capsys, monkeypatch) -> None:
    _, told = run(line, capsys)
    proposal = told.partition("Did you mean: detect.py ")[2].strip()

    def create(self, spec, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(Registry, "create", create)
    with pytest.raises(SystemExit) as left:
        main(shlex.split(proposal))
    assert left.value.code in (0, 130), capsys.readouterr().err


UNDERSTOOD = [
    ("talk.wav happy youngman", {"emotion": "happy", "voice": "youngman"}),
    ("talk.wav youngman happy", {"emotion": "happy", "voice": "youngman"}),
    ("talk.wav YOUNGMAN Happy", {"emotion": "Happy", "voice": "YOUNGMAN"}),
    ("talk.wav smallgirl", {"emotion": "", "voice": "smallgirl"}),
    ("talk.wav wistful smallgirl", {"emotion": "wistful", "voice": "smallgirl"}),
    ("talk.wav smallgirl wistful", {"emotion": "wistful", "voice": "smallgirl"}),
    ("talk.wav --emotion happy", {"emotion": "happy", "voice": ""}),
    ("talk.wav --voice youngman", {"emotion": "", "voice": "youngman"}),
    ("talk.wav --speaker youngman happy", {"emotion": "happy", "voice": "youngman"}),
    ("talk.wav happy --emotion joyful", {"emotion": "happy", "voice": ""}),
    ("talk.wav 'very happy'", {"emotion": "very happy", "voice": ""}),
    ("talk.wav very happy youngman", {"emotion": "very happy", "voice": "youngman"}),
    ("talk.wav youngman a bit sad", {"emotion": "a bit sad", "voice": "youngman"}),
    ("convert talk.wav happy", {"emotion": "happy", "voice": ""}),
    ("Convert talk.wav happy", {"emotion": "happy", "voice": ""}),
    ("talk.wav happy --Strength 2", {"emotion": "happy", "strength": 2.0}),
    ("talk.wav happy --keep_timing", {"keep_timing": True}),
    ("talk.wav --diarizer auto", {}),
    ("talk.wav happy -o new.wav", {"output": Path("new.wav")}),
    ("talk.wav happy -o there.wav --overwrite", {"output": Path("there.wav"), "overwrite": True}),
    ("talk.wav happy -o there.wav --force", {"output": Path("there.wav"), "overwrite": True}),
    ("talk.wav happy -o results", {"output": Path("results")}),
    ("talk.wav happy -o v1.2", {"output": Path("v1.2")}),
    ("output/1.wav happy", {"emotion": "happy"}),
    ("'talk*' happy", {"emotion": "happy"}),
    ("talk.wav story.txt there.srt happy", {"emotion": "happy"}),
    ("talk.wav happy -o results/", {"output": Path("results")}),
    ("talk.wav happy -o ./new.wav", {"output": Path("new.wav")}),
    ("talk.wav happy -o clips/", {"output": Path("clips")}),
    ("talk.wav happy -o .", {"output": Path()}),
    ("talk.wav happy --hotwords ''", {"emotion": "happy"}),
]


@pytest.mark.parametrize(("line", "expected"), UNDERSTOOD, ids=[line for line, _ in UNDERSTOOD])
def test_what_is_meant_is_understood(line, expected, monkeypatch) -> None:
    calls: list[dict[str, object]] = []

    def convert(self, source, emotion="", voice="", **options):
        calls.append({"emotion": emotion, "voice": voice, **options})
        raise KeyboardInterrupt

    monkeypatch.setattr(VoicePipeline, "convert", convert)
    with pytest.raises(SystemExit) as left:
        main(shlex.split(line))
    assert left.value.code == 130
    assert len(calls) == 1
    assert {name: calls[0].get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("speak Hello.", ("Hello.", "", "")),
        ("speak Hello. happy youngman", ("Hello.", "happy", "youngman")),
        ("speak Hello. youngman happy", ("Hello.", "happy", "youngman")),
        ("speak Hello. youngman a bit sad", ("Hello.", "a bit sad", "youngman")),
        ("speak Hello. --emotion happy --speaker youngman", ("Hello.", "happy", "youngman")),
        ("speak Hello. smallgirl --emotion happy", ("Hello.", "happy", "smallgirl")),
        ("speak 'absent.wav.'", ("absent.wav.", "", "")),
        ("speak clips", ("clips", "", "")),
        ("speak example.com", ("example.com", "", "")),
        ("speak 'Open talk.wav'", ("Open talk.wav", "", "")),
    ],
)
def test_what_is_to_be_said_is_understood(line, expected, monkeypatch) -> None:
    calls: list[tuple[str, ...]] = []

    def speak(self, *words, **options):
        calls.append(words)
        raise KeyboardInterrupt

    monkeypatch.setattr(VoicePipeline, "speak", speak)
    with pytest.raises(SystemExit) as left:
        main(shlex.split(line))
    assert (left.value.code, calls) == (130, [expected])


@pytest.mark.parametrize(
    ("line", "verb"),
    [
        ("recognise talk.wav", "recognise"),
        ("recognize talk.wav", "recognise"),
        ("analyse talk.wav", "recognise"),
        ("analyze talk.wav", "recognise"),
        ("RECOGNISE talk.wav", "recognise"),
        ("transcribe talk.wav", "transcribe"),
    ],
)
def test_a_verb_may_be_spelled_as_in_britain(line, verb, monkeypatch) -> None:
    def work(self, source, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(VoicePipeline, verb, work)
    with pytest.raises(SystemExit) as left:
        main(shlex.split(line))
    assert left.value.code == 130


@pytest.mark.parametrize(("short", "long"), [("-V", "--version"), ("-?", "--help"), ("-h", "--help")])
def test_short_options_of_other_programs(short, long, capsys) -> None:
    told = []
    for option in (short, long):
        with pytest.raises(SystemExit) as left:
            main([option])
        assert not left.value.code
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] != ""


def test_licences_and_licenses_are_one(capsys) -> None:
    told = []
    for verb in ("licences", "licenses"):
        with pytest.raises(SystemExit) as left:
            main([verb, "--json"])
        assert not left.value.code
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] != ""


def test_a_folder_that_is_named_like_a_verb_in_another_spelling_is_a_recording(monkeypatch) -> None:
    sources: list[str] = []

    def convert(self, source, *words, **options):
        sources.append(source)
        raise KeyboardInterrupt

    monkeypatch.setattr(VoicePipeline, "convert", convert)
    with pytest.raises(SystemExit):
        main(["Recognise", "happy"])
    assert sources == ["Recognise/a.wav"]


@pytest.mark.parametrize("verb", [[], ["convert"], ["speak"], ["recognize"], ["transcribe"], ["train"], ["models"]])
def test_the_help_shows_no_types_of_a_programmer(verb, capsys) -> None:
    with pytest.raises(SystemExit):
        main([*verb, "--help"])
    shown = capsys.readouterr().out
    assert not re.search(r"<(bool|int|float|str|path|list\[)", shown), shown


def test_the_help_begins_with_the_four_verbs_that_matter(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    places = [shown.index(f"│ {verb} ") for verb in ("convert", "recognize", "transcribe", "speak", "read", "train")]
    assert places == sorted(places)
    assert shown.index("Start here") < places[0] < shown.index("─ More") < places[4] < shown.index("─ Training")

"""Long texts and recordings, phrase by phrase: moods, pauses, places, candidates, subtitles."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from pipeline import VoicePipeline
from pipeline.audio import read_information, to_loudness
from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import NoSpeech, UnknownName, UsageError
from pipeline.core.results import Conversion
from pipeline.core.settings import Settings
from pipeline.core.values import Audio, EmotionScores, Segment, Speech, Word
from pipeline.core.voices import VOICE_PRESETS, Voice
from pipeline.synthesis import COPYING
from pipeline.transcripts.subtitle_reading import read_subtitles
from pipeline.transcripts.subtitles import as_srt

RATE = 16_000
TEXTS = ("I am glad.", "It is over.", "So be it.")
PITCHES = {"happy": 600.0, "sad": 200.0}
"""What the stand-ins hear an emotion by."""


def tone(hertz: float, seconds: float, rate: int = RATE) -> np.ndarray:
    return (0.1 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


class Ears:
    """Hears three phrases in a recording, and happy where it is high, sad where it is low."""

    name = "ears"

    def __init__(self, spans=((1.0, 2.0), (2.7, 4.0), (6.0, 7.0)), confidence: float = 0.9) -> None:
        self.spans, self.confidence = spans, confidence

    def transcribe(self, segment, *, hotwords=""):
        found = self.segments(segment.audio)
        return found[0] if found else None

    def segments(self, audio):
        return tuple(
            Segment(start, end, text, tuple(self._words(text, start, end)))
            for (start, end), text in zip(self.spans, TEXTS, strict=False)
            if end <= audio.duration
        )

    def _words(self, text, start, end):
        pieces = text.split()
        step = (end - start) / len(pieces)
        for n, piece in enumerate(pieces):
            yield Word(piece, start + n * step, start + (n + 1) * step)

    def recognise(self, audio, *, activity=None):
        crossings = np.count_nonzero(np.diff(np.sign(audio.samples))) / 2 / audio.duration
        top = "happy" if crossings > 450 else "sad"
        rest = (1 - self.confidence) / (len(EMOTIONS) - 1)
        values = tuple(self.confidence if label == top else rest for label in EMOTIONS)
        return EmotionScores(EMOTIONS, values, "ears-2", unsure_below=0.5)


class Voices:
    """Says everything in the pitch of its emotion, a second for three words."""

    name = "voices"

    def __init__(self) -> None:
        self.said: list[tuple[str, str, str, float]] = []

    def voices(self):
        return tuple(Voice(name, "female", "") for name in VOICE_PRESETS)

    def check(self, mood, voice):
        if voice not in VOICE_PRESETS:
            raise UnknownName(f"There is no voice '{voice}'.")

    def synthesise(self, text, mood, voice, *, strength=1.0):
        self.check(mood, voice)
        if text == "...":
            raise NoSpeech("nothing")
        self.said.append((text, mood.word, voice, strength))
        pieces = text.split()
        sound = to_loudness(Audio(tone(PITCHES.get(mood.word, 250.0), len(pieces) / 3), RATE))
        words = tuple(Word(piece, n / 3, (n + 1) / 3) for n, piece in enumerate(pieces))
        return Speech(sound, text, mood.word, voice, self.name, words)


@pytest.fixture(autouse=True)
def hear_all_at_once(monkeypatch):
    """Tones are no speech to the detector that cuts recordings into segments."""
    monkeypatch.setattr(
        "pipeline.chain.analysis.Analyser._said",
        lambda analyser, voices: analyser._engines.transcriber().segments(voices[0][0]),
    )


@pytest.fixture
def recording(tmp_path):
    """Eight seconds: happy until 2.3 s, sad until 5 s, happy to the end."""
    path = tmp_path / "talk.wav"
    parts = [tone(600, 2.3), tone(200, 2.7), tone(600, 3.0)]
    soundfile.write(path, np.concatenate(parts), RATE)
    return path


def pipeline_with(tmp_path, ears=None, **settings):
    ears, voices = ears or Ears(), Voices()
    return VoicePipeline(
        Settings(output=tmp_path / "output", **settings),
        recogniser=ears,
        transcriber=ears,
        synthesiser=voices,
        judge=ears,
    )


def test_each_phrase_is_said_in_its_own_emotion_and_pauses_stay(tmp_path, recording):
    pipeline = pipeline_with(tmp_path)
    conversion = pipeline.convert(recording)
    assert [said[:2] for said in pipeline.synthesiser.said] == [
        ("I am glad.", "happy"), ("It is over.", "sad"), ("So be it.", "happy"),
    ]  # fmt: skip
    assert conversion.emotion_spoken == "happy, sad"
    assert [segment.emotion.top for segment in conversion.heard.segments] == ["happy", "sad", "happy"]
    starts = [segment.start for segment in conversion.spoken.segments]
    assert starts == pytest.approx([0.0, 1.7, 4.7], abs=0.01)
    assert conversion.spoken.duration == pytest.approx(5.7, abs=0.01)
    assert conversion.text == " ".join(TEXTS)
    assert json.loads((tmp_path / "output" / "1.json").read_text())["output_segments"][1]["emotion"]["emotion"] == "sad"
    read_back = Conversion.from_dict(conversion.to_dict())
    assert read_back.spoken.segments == tuple(map(Segment.from_dict, conversion.to_dict()["output_segments"]))
    subtitles = as_srt(conversion.spoken.segments)
    assert "[youngwoman, sad] It is over." in subtitles


def test_an_asked_emotion_holds_for_all_phrases(tmp_path, recording):
    pipeline = pipeline_with(tmp_path)
    assert pipeline.convert(recording, "angry").emotion_spoken == "angry"
    assert {mood for _, mood, *_ in pipeline.synthesiser.said} == {"angry"}


def test_an_unsure_phrase_is_said_as_the_whole_was(tmp_path, recording):
    pipeline = pipeline_with(tmp_path, Ears(confidence=0.3))
    conversion = pipeline.convert(recording)
    assert conversion.emotion_spoken == conversion.emotion_detected.top == "happy"
    assert any("The emotion is not certain: happy" in note for note in conversion.notes)


def test_phrases_without_a_certain_emotion_are_counted(tmp_path, recording):
    class Partly(Ears):
        def recognise(self, audio, *, activity=None):
            return Ears(confidence=0.3 if audio.duration < 1.1 else 0.9).recognise(audio)

    conversion = pipeline_with(tmp_path, Partly()).convert(recording)
    assert any("emotion of 2 of 3 phrases is not certain" in note for note in conversion.notes)
    assert conversion.emotion_spoken == "happy, sad"
    assert not any("not certain" in note for note in pipeline_with(tmp_path).convert(recording).notes)


def test_phrases_of_one_breath_are_said_as_one(tmp_path, recording):
    pipeline = pipeline_with(tmp_path, Ears(spans=((0.2, 1.0), (1.1, 2.2))))
    pipeline.convert(recording)
    assert [said[0] for said in pipeline.synthesiser.said] == ["I am glad. It is over."]


def test_the_timing_is_kept(tmp_path, recording):
    conversion = pipeline_with(tmp_path, keep_timing=True).convert(recording)
    assert [segment.start for segment in conversion.spoken.segments] == pytest.approx([1.0, 2.7, 6.0], abs=0.01)
    assert [segment.end for segment in conversion.spoken.segments] == pytest.approx([2.0, 3.95, 7.0], abs=0.01)
    assert conversion.spoken.duration == pytest.approx(8.0, abs=0.01)
    assert conversion.overflow == 0


def test_what_does_not_fit_is_told(tmp_path, recording):
    conversion = pipeline_with(tmp_path, Ears(spans=((1.0, 1.2), (1.3, 2.0))), keep_timing=True).convert(recording)
    assert conversion.overflow == pytest.approx(0.5, abs=0.01)
    assert any("0.5 s late" in note for note in conversion.notes)


def test_the_emotion_of_another_recording(tmp_path, recording):
    other = tmp_path / "other.wav"
    soundfile.write(other, tone(200, 2.0), RATE)
    pipeline = pipeline_with(tmp_path, emotion_recording=str(other), strength=1.5)
    conversion = pipeline.convert(recording)
    assert {said[1] for said in pipeline.synthesiser.said} == {"sad"}
    assert conversion.strength == pytest.approx(1.5 * 0.9)
    assert any("other.wav: sad" in note for note in conversion.notes)
    pipeline.convert(recording, "happy")
    assert pipeline.synthesiser.said[-1][1:] == ("happy", "youngwoman", 1.5)


def test_a_result_is_listened_to_again(tmp_path, recording):
    conversion = pipeline_with(tmp_path, Ears(spans=((0.0, 1.0),)), verify=True).convert(recording, "happy")
    found = conversion.verification
    assert (found.text, found.text_heard, found.word_error_rate) == ("I am glad.", "I am glad.", 0)
    assert (found.emotion_heard, found.agrees, found.judge) == ("happy", True, "ears")
    assert conversion.timings["verification"] > 0
    assert Conversion.from_dict(conversion.to_dict()).verification.to_dict() == found.to_dict()


def test_the_best_candidate_is_kept(tmp_path, recording):
    class Weak(Voices):
        def synthesise(self, text, mood, voice, *, strength=1.0):
            speech = super().synthesise(text, mood, voice, strength=strength)
            return speech if strength >= 1.5 else Voices().synthesise(text, type(mood)("sad"), voice)

    ears, voices = Ears(spans=((0.0, 1.0),)), Weak()
    pipeline = VoicePipeline(
        Settings(output=tmp_path / "output", candidates=4),
        recogniser=ears,
        transcriber=ears,
        synthesiser=voices,
        judge=ears,
    )
    conversion = pipeline.convert(recording, "happy")
    assert [said[-1] for said in voices.said if said[1] != "neutral"] == [1.0, 1.25, 0.75, 1.5]
    assert len([said for said in voices.said if said[1] == "neutral"]) == 1
    assert conversion.strength == 1.5
    assert conversion.verification.agrees
    assert pipeline.speak("I am glad.", "happy").strength == 1.5
    assert pipeline.speak("I am glad.", "sad", strength=2.0).strength == 2.0


@pytest.mark.parametrize(
    ("sound", "names"), [("opus", ["1.json", "1.opus"]), ("flac,wav", ["1.flac", "1.json", "1.wav"])]
)
def test_results_in_other_formats(sound, names, tmp_path, recording):
    conversion = pipeline_with(tmp_path, sound=sound).convert(recording, "happy", "youngman")
    assert sorted(path.name for path in (tmp_path / "output").iterdir()) == names
    assert conversion.output.endswith(f"1.{sound.split(',')[0]}")
    assert read_information(conversion.output).voice == "youngman"
    following = pipeline_with(tmp_path).convert(recording)
    assert following.output.endswith("2.wav")


def test_an_unknown_format_leaves_nothing(tmp_path, recording):
    with pytest.raises(UnknownName, match="opus"):
        pipeline_with(tmp_path, sound="aac").convert(recording)
    assert not (tmp_path / "output").exists()


def test_subtitles_are_said_by_their_speakers_in_their_emotions(tmp_path, recording):
    conversion = pipeline_with(tmp_path, keep_timing=True).convert(recording, voice="smallgirl")
    path = tmp_path / "talk.srt"
    path.write_text(as_srt(conversion.spoken.segments), encoding="utf-8")
    edited = path.read_text().replace("[smallgirl, sad]", "[Anna, angry]")
    path.write_text(edited, encoding="utf-8")
    pipeline = pipeline_with(tmp_path, keep_timing=True)
    said = pipeline.speak(read_subtitles(path).segments, voice="youngman")
    assert [line[:3] for line in pipeline.synthesiser.said] == [
        ("I am glad.", "happy", "smallgirl"), ("It is over.", "angry", "youngman"), ("So be it.", "happy", "smallgirl"),
    ]  # fmt: skip
    starts = [segment.start for segment in said.segments]
    assert starts == pytest.approx([segment.start for segment in conversion.spoken.segments], abs=0.01)
    assert "Spoken: Anna by youngman." in said.speech.notes


def test_two_people_without_names_get_two_voices(tmp_path):
    path = tmp_path / "talk.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:03,000\n- Are you there?\n- Yes, I am.\n")
    pipeline = pipeline_with(tmp_path)
    said = pipeline.speak(read_subtitles(path).segments, voice="youngman")
    first, second = (line[2] for line in pipeline.synthesiser.said)
    assert first == "youngman" != second
    assert f"Spoken: speaker 2 by {second}." in said.speech.notes


def test_speakers_get_tones_in_turn(tmp_path):
    names = ["Anna", "Ben", "Young Man", "Cleo", "Anna"]
    segments = [Segment(n, n + 0.9, f"Line {n}.", speaker=name) for n, name in enumerate(names)]
    pipeline = pipeline_with(tmp_path)
    pipeline.speak(segments, "sad", "middlemale")
    assert [said[2] for said in pipeline.synthesiser.said] == [
        "middlemale", "youngwoman", "youngman", "smallgirl", "middlemale",
    ]  # fmt: skip
    assert {said[1] for said in pipeline.synthesiser.said} == {"sad"}


def test_a_mood_that_nobody_knows_is_spoken_neutrally_and_told(tmp_path):
    class Few(Voices):
        def check(self, mood, voice):
            super().check(mood, voice)
            if mood.is_custom and mood.word != "wistful":
                raise UnknownName(f"There is no mood '{mood.word}'.")

    voices = Few()
    pipeline = VoicePipeline(Settings(output=tmp_path / "output"), synthesiser=voices)
    moods = [EmotionScores((word,), (1.0,), "subtitles") for word in ("wistful", "on phone", "sad")]
    said = pipeline.speak([Segment(n, n + 1, "So.", emotion=mood) for n, mood in enumerate(moods)])
    assert [mood for _, mood, *_ in voices.said] == ["wistful", "neutral", "sad"]
    assert any("'on phone'" in note for note in said.speech.notes)


@pytest.mark.parametrize("keep_timing", [False, True])
def test_times_beyond_a_limit_are_refused_before_anything_is_said(tmp_path, keep_timing):
    pipeline = pipeline_with(tmp_path, keep_timing=keep_timing)
    late = [Segment(0, 1, "Hello."), Segment(99 * 3600, 99 * 3600 + 1, "The end.")]
    with pytest.raises(UsageError, match=r"“The end\.” ends 99\.0 hours"):
        pipeline.speak(late)
    assert pipeline.synthesiser.said == []
    with pytest.raises(UsageError, match="may have 0\\.5"):
        pipeline.speak([Segment(0, 1, "Hello."), Segment(1799, 1801, "Bye.")], max_streamed_seconds=1800)
    assert len(pipeline.speak(late[1:], keep_timing=False).segments) == 1


def test_a_line_that_cannot_be_said_is_left_out(tmp_path):
    pipeline = pipeline_with(tmp_path)
    said = pipeline.speak([Segment(0, 1, "..."), Segment(2, 3, "Hello.")])
    assert [segment.text for segment in said.segments] == ["Hello."]
    with pytest.raises(NoSpeech):
        pipeline.speak([Segment(0, 1, "...")])
    with pytest.raises(UnknownName):
        pipeline.speak([Segment(0, 1, "Hello.")], voice="robot")


def test_a_single_text_is_never_stretched(tmp_path):
    speech = pipeline_with(tmp_path, keep_timing=True).speak("One two three four five six.", "sad")
    assert speech.audio.duration == pytest.approx(2.0, abs=0.01)
    assert speech.speech.text == "One two three four five six."


def test_a_delivery_is_copied_where_words_can_be_paired(tmp_path, recording):
    class Rephrasing(Voices):
        def synthesise(self, text, mood, voice, *, strength=1.0):
            return super().synthesise("Something else.", mood, voice, strength=strength)

    low = Ears(spans=((2.7, 4.0),))
    copied = pipeline_with(tmp_path, low, copy_prosody=True).convert(recording, "sad")
    assert copied.spoken.duration > 0
    assert not any("not copied" in note for note in copied.notes)
    pipeline = VoicePipeline(
        Settings(output=tmp_path / "output", copy_prosody=True),
        recogniser=low,
        transcriber=low,
        synthesiser=Rephrasing(),
    )
    assert any("not copied" in note for note in pipeline.convert(recording, "sad").notes)


@pytest.mark.parametrize("declared", [True, False])
def test_a_voice_that_can_copy_is_told_before_it_speaks(tmp_path, recording, declared):
    told = []

    class Copying(Voices):
        capabilities = frozenset({COPYING}) if declared else frozenset()

        def synthesise(self, text, mood, voice, *, strength=1.0, copied=()):
            told.append([word.text for word in copied])
            return super().synthesise(text, mood, voice, strength=strength)

    low = Ears(spans=((2.7, 4.0),))
    settings = Settings(output=tmp_path / "output")
    pipeline = VoicePipeline(settings, recogniser=low, transcriber=low, synthesiser=Copying())
    pipeline.convert(recording, "sad")
    pipeline.convert(recording, "sad", copy_prosody=True)
    assert told == [[], TEXTS[0].split() if declared else []]


@pytest.mark.parametrize(
    ("emotion", "options", "strength"),
    [
        ("happy", {}, 1.0),
        ("very happy", {}, 1.5),
        ("a bit happy", {}, 0.5),
        ("extremely happy", {}, 2.0),
        ("very happy", {"strength": 0.25}, 0.25),
        ("very happy", {"strength": 1.0}, 1.0),
    ],
)
def test_a_degree_is_the_strength_unless_the_call_gives_one(emotion, options, strength, tmp_path, recording) -> None:
    pipeline = pipeline_with(tmp_path)
    conversion = pipeline.convert(recording, emotion, **options)
    assert (conversion.emotion_spoken, conversion.strength) == ("happy", strength)
    said = pipeline.speak("I am glad.", emotion, **options)
    assert (said.speech.emotion, said.strength) == ("happy", strength)
    assert {each[-1] for each in pipeline.synthesiser.said} == {strength}


@pytest.mark.parametrize("text", ["今天上涨3.5%。", [Segment(0.0, 1.0, "今天上涨3.5%。")]])
def test_a_chinese_text_is_said_in_chinese_or_refused(text) -> None:
    said = VoicePipeline(Settings()).speak(text)
    assert [word.text for word in said.speech.words] == ["今", "天", "上", "涨", "3.5%。"]
    with pytest.raises(UnknownName, match="The text is Chinese"):
        VoicePipeline(Settings(tts="embedded")).speak(text)

"""Kokoro: how it reads, which voices it has, and that what is asked of its parts is what is heard.

A tiny graph in the official layout stands in for the weights, whose own tests are skipped where they are not.
"""

from __future__ import annotations

import dataclasses
import itertools
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.emotions import Mood
from pipeline.core.engines import Synthesiser
from pipeline.core.errors import DownloadFailed, EngineMissing, NoSpeech, UnknownName, WeightsMissing
from pipeline.core.values import Audio
from pipeline.core.voices import VOICE_PRESETS
from pipeline.synthesis import SYNTHESISERS
from pipeline.synthesis.kokoro.english import EnglishReader
from pipeline.synthesis.kokoro.istftnet import Istftnet
from pipeline.synthesis.kokoro.mandarin import MandarinReader
from pipeline.synthesis.kokoro.parts import DECODER, SAMPLE_RATE, Parts
from pipeline.synthesis.kokoro.plan import KokoroPlan
from pipeline.synthesis.kokoro.splitting import GRAPH, difference, split
from pipeline.synthesis.kokoro.symbols import MOST_SYMBOLS, token_ids
from pipeline.synthesis.kokoro.voice import Kokoro, KokoroActor
from pipeline.synthesis.kokoro.voices import HALF, Styles, find_voice
from pipeline.synthesis.prosody.changes import NEUTRAL, EmotionChange
from pipeline.synthesis.prosody.prosody import Prosody
from pipeline.synthesis.sentences import Sentence, sentences
from pipeline.synthesis.world.analysis import estimate_f0
from pipeline.weights import installed, location

TEXT = "They were all along the river, and nobody knew why."


@pytest.fixture(scope="module")
def actor(tiny_kokoro: Path) -> KokoroActor:
    return KokoroActor(tiny_kokoro, Istftnet(tiny_kokoro))


@pytest.fixture(scope="module")
def kokoro(tiny_kokoro: Path) -> Kokoro:
    return Kokoro(Parts(tiny_kokoro), Istftnet(tiny_kokoro), Styles(tiny_kokoro / "voices"), EnglishReader())


@pytest.fixture(scope="module")
def plan(kokoro: Kokoro) -> KokoroPlan:
    return kokoro.plan(only(TEXT), find_voice("af_heart").preset)


def only(text: str, *, han: bool = False) -> Sentence:
    (sentence,) = sentences(text, han=han)
    return sentence


def median_f0(audio: Audio) -> float:
    f0 = estimate_f0(audio)
    return float(np.median(f0[f0 > 0]))


def seconds(prosody: Prosody) -> float:
    return len(prosody) * prosody.period


# -- Reading -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "american", "british"),
    [
        ("I waited.", "ˌI wˈATᵻd.", "ˌI wˈAtɪd."),
        ("The better bottle!", "ðə bˈɛTəɹ bˈɑTᵊl!", "ðə bˈɛtə bˈɒtᵊl!"),
        ("Why go home?", "wˈI ɡˈO hˈOm?", "wˈI ɡˈQ hˈQm?"),
        ("A bird, a car.", "ɐ bˈɜɹd, ɐ kˈɑɹ.", "ɐ bˈɜːd, ɐ kˈɑː."),
        ("Ask father – hot bath.", "ˈæsk fˈɑðəɹ, hˈɑt bˈæθ.", "ˈɑːsk fˈɑːðə, hˈɒt bˈɑːθ."),
        ("Sorry, Mary, serious story.", "sˈɑɹi, mˈɛɹi, sˈɪɹiəs stˈɔɹi.", "sˈɒɹi, mˈɛːɹi, sˈɪəɹiəs stˈɔːɹi."),
        ("Poor hair near here.", "pˈuɹ hˈɛɹ nˈɪɹ hˈiɹ.", "pˈɔː hˈɛː nˈɪə hˈɪə."),
        ("New students want quality.", "nˈu stˈudᵊnts wˈɑnt kwˈɑləTi.", "njˈuː stjˈuːdᵊnts wˈɒnt kwˈɒləti."),
        ("Thought, dog, because.", "θˈɔt, dˈɔɡ, bɪkˌɔz.", "θˈɔːt, dˈɒɡ, bɪkˌɒz."),
        ("$5.50", "fˈIv dˈɑləɹz fˈɪfti sˈɛnts.", "fˈIv dˈɒləz fˈɪfti sˈɛnts."),
    ],
)  # fmt: skip
def test_english_is_read_in_two_accents(text: str, american: str, british: str) -> None:
    assert EnglishReader().read(only(text)).symbols == american
    assert EnglishReader(british=True).read(only(text)).symbols == british


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("你好。", "ni↗xau↓."),
        ("今天是2024年。", "ʨi→ntʰjɛ→n ʂɨ↘ ɚ↘li↗ŋɚ↘ sɨ↘njɛ↗n."),
        ("他用Python，对吗？", "tʰa→ jʊ↘ŋ pˈIθɑn, twei↘ ma?"),
        ("月亮、雪、女人。", "ɥe↘ljaŋ, ɕɥe↓, ny↓ɻə↗n."),
        ("知识字日。", "ꭧɨ→ʂɨ ʦɨ↘ ɻɨ↘."),
        ("OK!", "ˈOkˈA!"),
    ],
)
def test_mandarin_is_read_with_its_tones(text: str, symbols: str) -> None:
    pytest.importorskip("jieba")
    pytest.importorskip("pypinyin_dict")
    sentence = only(text, han=True)
    script = MandarinReader().read(sentence)
    assert script.symbols == symbols
    assert sorted(set(script.word) - {-1}) == list(range(len(sentence.tokens)))
    assert [word for word in script.word if word >= 0] == sorted(word for word in script.word if word >= 0)


@pytest.mark.parametrize("reader", [EnglishReader(), EnglishReader(british=True)])
def test_every_symbol_has_a_word_or_is_a_pause(reader: EnglishReader) -> None:
    root = Path(__file__).resolve().parents[2]
    for line in (root / "benchmarks" / "sentences.txt").read_text(encoding="utf-8").splitlines():
        for sentence in sentences(line):
            script = reader.read(sentence)
            assert token_ids(script.symbols).shape == (1, len(script.symbols) + 2)
            assert len(script.word) == len(script.symbols)
            assert sorted(set(script.word) - {-1}) == list(range(len(sentence.tokens)))
            assert all(
                (word == -1) == (symbol in " ,.!?") for symbol, word in zip(script.symbols, script.word, strict=True)
            )


def test_without_a_reader_of_chinese_the_next_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*arguments: object) -> None:
        raise ModuleNotFoundError("No module named 'jieba'", name="jieba")

    monkeypatch.setattr("pipeline.synthesis.kokoro.mandarin.pronounce_phrase", absent)
    with pytest.raises(EngineMissing, match="jieba") as missing:
        MandarinReader().read(only("你好。", han=True))
    assert "pip install" in missing.value.hint


# -- Voices ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "timbre", "prosody", "sex", "accent"),
    [
        ("af_heart", {"af_heart": 1}, {"af_heart": 1}, "female", "a"),
        ("BM_George", {"bm_george": 1}, {"bm_george": 1}, "male", "b"),
        ("af_heart+am_santa", {"af_heart": 0.5, "am_santa": 0.5}, None, "female", "a"),
        ("bm_lewis:30 + af_sky:10", {"bm_lewis": 0.75, "af_sky": 0.25}, None, "male", "b"),
        ("af_heart~am_santa", {"af_heart": 1}, {"am_santa": 1}, "female", "a"),
        ("zf_xiaoyi+am_adam:3~af_sky+af_nova", {"zf_xiaoyi": 0.25, "am_adam": 0.75},
         {"af_sky": 0.5, "af_nova": 0.5}, "male", "a"),
        ("Young Woman", {"af_heart": 1}, {"af_heart": 1}, "female", "a"),
    ],
)  # fmt: skip
def test_voices_are_mixed_as_they_are_written(
    name: str, timbre: dict, prosody: dict | None, sex: str, accent: str
) -> None:
    voice = find_voice(name)
    assert voice.timbre == timbre
    assert voice.prosody == (prosody or timbre)
    assert (voice.preset.voice.sex, voice.accent) == (sex, accent)


@pytest.mark.parametrize(
    "name", ["", "robot", "af_nobody", "af_heart+", "+af_heart", "af_heart~", "~af_heart", "af_heart:0", "af_heart:x",
             "af_heart~af_sky~af_sky", "../af_heart", "af_heart/am_adam"],
)  # fmt: skip
def test_other_voices_are_refused_with_the_notation(name: str) -> None:
    with pytest.raises(UnknownName, match="There is no voice") as unknown:
        find_voice(name)
    assert "af_heart~am_santa" in unknown.value.hint


def test_every_voice_is_listed_without_the_weights() -> None:
    listed = SYNTHESISERS.find("kokoro").listed_voices()
    assert [voice.name for voice in listed[:4]] == list(VOICE_PRESETS)
    assert len({voice.name for voice in listed}) == 4 + 54
    assert all(find_voice(voice.name).preset.voice == voice for voice in listed)


def test_the_halves_of_a_style_are_mixed_apart(tiny_kokoro: Path) -> None:
    styles = Styles(tiny_kokoro / "voices")
    heart, santa = (styles.style(find_voice(name), 20) for name in ("af_heart", "am_santa"))
    mixed = styles.style(find_voice("af_heart:1+am_santa:3~am_santa"), 20)
    np.testing.assert_allclose(mixed[:, :HALF], 0.25 * heart[:, :HALF] + 0.75 * santa[:, :HALF], rtol=1e-6)
    np.testing.assert_array_equal(mixed[:, HALF:], santa[:, HALF:])
    assert not np.array_equal(heart, styles.style(find_voice("af_heart"), 21))
    np.testing.assert_array_equal(styles.style(find_voice("af_sky"), 510), styles.style(find_voice("af_sky"), 600))


@pytest.mark.parametrize("spoilt", [None, b"too short", *(4 * 510 * 256 * byte for byte in (b"\0", b"\x70", b"\xff"))])
def test_a_voice_that_is_missing_or_damaged_is_told(spoilt: bytes | None, tiny_kokoro: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_kokoro, tmp_path, dirs_exist_ok=True)
    (tmp_path / "voices" / "af_sky.bin").unlink()
    if spoilt:
        (tmp_path / "voices" / "af_sky.bin").write_bytes(spoilt)
    with pytest.raises(WeightsMissing, match=r"af_sky\.bin") as missing:
        KokoroActor(tmp_path, Istftnet(tmp_path)).synthesise("Hello.", Mood("neutral"), "af_sky")
    assert "models pull kokoro" in missing.value.hint


# -- The parts ---------------------------------------------------------------------------------------------------------


def test_the_parts_are_the_whole(tiny_kokoro: Path) -> None:
    style = Styles(tiny_kokoro / "voices").style(find_voice("bf_emma"), 30)
    assert difference(tiny_kokoro, style) <= 1e-5


def test_the_parts_of_the_weights_are_the_whole() -> None:
    if not installed("kokoro"):
        pytest.skip("the weights of Kokoro are not on this machine: run detect.py models pull kokoro")
    style = Styles(location("kokoro") / "voices").style(find_voice("am_michael"), 30)
    assert difference(location("kokoro"), style) <= 1e-5


@pytest.mark.parametrize("spoilt", ["nonsense", "another graph"])
def test_what_is_not_kokoro_is_not_cut(spoilt: str, tiny_kokoro: Path, tmp_path: Path) -> None:
    graph = tmp_path / GRAPH
    if spoilt == "nonsense":
        graph.write_bytes(b"nonsense")
    else:
        shutil.copyfile(tiny_kokoro / DECODER, graph)
    with pytest.raises(DownloadFailed, match=r"kokoro-v1\.0\.int8\.onnx"):
        split(graph, tmp_path)


def test_a_neutral_sentence_is_what_the_whole_graph_says(plan: KokoroPlan, tiny_kokoro: Path) -> None:
    from pipeline.core.onnx_sessions import open_graph

    given = {"tokens": token_ids(plan.script.symbols), "style": plan.style, "speed": np.ones(1, np.float32)}
    (whole,) = open_graph(tiny_kokoro / GRAPH).run(["audio"], given)
    spoken = plan.render(plan.prosody, NEUTRAL).samples
    # Without the silence around it, and otherwise sample by sample.
    first = next(
        place
        for place in range(0, len(whole) - len(spoken), 300)
        if np.allclose(whole[place : place + len(spoken)], spoken, atol=1e-5)
    )
    assert 0.2 < first / SAMPLE_RATE < 0.35
    assert plan.prosody.words[0].start == pytest.approx(0.03, abs=0.013)
    assert seconds(plan.prosody) == pytest.approx(len(spoken) / SAMPLE_RATE)


@pytest.mark.parametrize("ratio", [0.7, 0.8, 1.3, 1.7])
@pytest.mark.parametrize("name", ["af_heart", "am_michael", "smallgirl"])
def test_the_f0_that_is_asked_is_heard(name: str, ratio: float, kokoro: Kokoro) -> None:
    plan = kokoro.plan(only(TEXT), find_voice(name).preset)
    asked = dataclasses.replace(plan.prosody, f0=plan.prosody.f0 * ratio)
    heard = [median_f0(plan.render(prosody, NEUTRAL)) for prosody in (plan.prosody, asked)]
    assert heard[0] == pytest.approx(plan.register.usual, rel=0.1)
    assert heard[1] / heard[0] == pytest.approx(ratio, rel=0.04)


@pytest.mark.parametrize("ratio", [0.6, 0.8, 1.2, 1.7])
@pytest.mark.parametrize("name", ["af_heart", "smallgirl"])
def test_the_durations_that_are_asked_are_heard(name: str, ratio: float, kokoro: Kokoro) -> None:
    plan = kokoro.plan(only(TEXT), find_voice(name).preset)
    asked = plan.prosody.stretched(np.full(len(plan.prosody), ratio))
    audio = plan.render(asked, NEUTRAL)
    # A token lasts one frame at least, so that nothing is swallowed.
    assert audio.duration / seconds(plan.prosody) == pytest.approx(ratio, rel=0.02 if ratio > 1 else 0.12)
    assert median_f0(audio) == pytest.approx(median_f0(plan.render(plan.prosody, NEUTRAL)), rel=0.03)


def test_the_pause_that_is_asked_lies_at_the_comma(plan: KokoroPlan) -> None:
    change = EmotionChange(pauses=0.15)
    prosody = plan.prosody.apply(change)
    audio = plan.render(prosody, change)
    river = next(place for place, word in enumerate(prosody.words) if word.text == "river,")
    gaps = [
        [later.start - earlier.end for earlier, later in itertools.pairwise(each.words)]
        for each in (plan.prosody, prosody)
    ]
    assert gaps[1][river] - gaps[0][river] == pytest.approx(0.15 * seconds(plan.prosody), rel=0.2)
    silent = audio.slice(prosody.words[river].end + 0.05, prosody.words[river + 1].start - 0.05).samples
    assert np.abs(silent).max() < 0.02 * np.abs(audio.samples).max()


def test_loudness_follows_the_energy_that_is_asked(plan: KokoroPlan) -> None:
    prosody = plan.prosody
    half = np.arange(len(prosody)) > len(prosody) / 2
    asked = dataclasses.replace(prosody, energy=prosody.energy + np.where(half, -12.0, 0.0))
    plain, changed = (plan.render(each, NEUTRAL).samples for each in (prosody, asked))
    power = [
        np.square(each).reshape(2, -1).mean(axis=1)
        for each in (plain[: len(plain) // 2 * 2], changed[: len(plain) // 2 * 2])
    ]
    assert 10 * np.log10(power[1] / power[0]) == pytest.approx([0, -12], abs=0.5)


def test_every_word_lies_where_it_is_heard(kokoro: Kokoro) -> None:
    plan = kokoro.plan(only("Mr. Hale paid $5.50 for the apples – twice."), find_voice("am_adam").preset)
    words = {word.text: word for word in plan.prosody.words}
    assert list(words) == ["Mr.", "Hale", "paid", "$5.50", "for", "the", "apples", "twice."]
    assert words["$5.50"].end - words["$5.50"].start > 3 * (words["the"].end - words["the"].start)
    assert words["twice."].start - words["apples"].end > 0.1
    assert sum(phone.seconds for phone in plan.prosody.phones) == pytest.approx(seconds(plan.prosody))
    assert "".join(phone.name for phone in plan.prosody.phones[1:-1]) == plan.script.symbols


# -- The engine --------------------------------------------------------------------------------------------------------


def test_voices_have_the_f0_that_they_are_listed_with(actor: KokoroActor) -> None:
    for name in (
        "youngwoman",
        "youngman",
        "smallgirl",
        "middlemale",
        "bf_alice",
        "af_heart+am_onyx",
        "af_sky~jf_alpha",
    ):
        audio = actor.synthesise(TEXT, Mood("neutral"), name).audio
        assert median_f0(audio) == pytest.approx(find_voice(name).preset.register.usual, rel=0.1), name


@pytest.mark.parametrize(
    ("text", "rises"),
    [
        ("Is there any in the bottle you own?", True),
        ("There is a lemon in the window now.", False),
        ("Why is there none in all of Rome?", False),
    ],
)
def test_questions_rise(text: str, rises: bool, actor: KokoroActor) -> None:
    f0 = estimate_f0(actor.synthesise(text, Mood("neutral"), "youngwoman").audio)
    melody = 12 * np.log2(f0[f0 > 0])
    assert (np.median(melody[-8:]) - np.median(melody[-70:-50]) > 1.5) == rises


@pytest.mark.parametrize("emotion", ["happy", "angry", "fearful", "surprised"])
def test_no_emotion_squeaks(emotion: str, actor: KokoroActor) -> None:
    for name in ("youngwoman", "smallgirl", "am_liam"):
        f0 = estimate_f0(actor.synthesise(TEXT, Mood(emotion), name, strength=2.0).audio)
        assert np.percentile(f0[f0 > 0], 98) < 1.1 * find_voice(name).preset.register.highest


def test_a_long_text_comes_sentence_by_sentence(actor: KokoroActor, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    whole = Kokoro.plan
    monkeypatch.setattr(
        Kokoro, "plan", lambda self, sentence, preset: said.append(sentence.text) or whole(self, sentence, preset)
    )
    texts = ["It snowed all night.", "Nobody was on the road.", "Did you sleep well?"]
    stream = actor.stream(" ".join(texts), Mood("calm"), "af_sky")
    next(stream)
    assert said == texts[:1]
    assert [part.text for part in stream] == texts[1:]


def test_a_sentence_with_too_many_symbols_is_said_in_parts(actor: KokoroActor) -> None:
    text = " ".join(["W"] * 70)
    assert len(EnglishReader().read(only(text)).symbols) > MOST_SYMBOLS
    speech = actor.synthesise(text, Mood("neutral"), "youngman")
    assert [word.text for word in speech.words] == text.split()


def test_speed_is_durations_and_not_f0(tiny_kokoro: Path, actor: KokoroActor) -> None:
    usual, slow = (
        each.synthesise(TEXT, Mood("neutral"), "youngman").audio
        for each in (actor, KokoroActor(tiny_kokoro, Istftnet(tiny_kokoro), speed=0.5))
    )
    assert slow.duration / usual.duration == pytest.approx(2.0, rel=0.05)
    assert median_f0(slow) == pytest.approx(median_f0(usual), rel=0.04)


@pytest.mark.parametrize(
    ("language", "voice"), [("zh", "youngwoman"), ("zh", "am_adam"), ("", "zf_xiaoxiao"), ("en", "zm_yunxi")]
)
def test_chinese_is_said(language: str, voice: str, tiny_kokoro: Path) -> None:
    pytest.importorskip("jieba")
    pytest.importorskip("pypinyin_dict")
    speech = KokoroActor(tiny_kokoro, Istftnet(tiny_kokoro), language=language).synthesise(
        "你好，我有3个 apples。", Mood("happy"), voice
    )
    assert [word.text for word in speech.words] == ["你", "好，", "我", "有", "3", "个", "apples。"]
    assert all(earlier.end <= later.start + 1e-9 for earlier, later in itertools.pairwise(speech.words))
    assert speech.words[2].start - speech.words[1].end > 0.1


def test_chinese_is_refused_by_an_english_voice(actor: KokoroActor) -> None:
    with pytest.raises(NoSpeech) as nothing:
        actor.synthesise("你好", Mood("neutral"), "af_heart")
    assert "--language zh" in nothing.value.hint


def test_the_registry_tells_what_is_missing(tiny_kokoro: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESAY_HOME", str(tmp_path))
    spec = SYNTHESISERS.find("kokoro")
    assert "models pull kokoro" in spec.missing()
    assert SYNTHESISERS.choose().name != "kokoro"
    assert "decoder.onnx" in SYNTHESISERS.find(f"kokoro:{tmp_path}").missing()
    own = SYNTHESISERS.find(f"kokoro:{tiny_kokoro}")
    assert own.missing() == ""
    engine: Synthesiser = SYNTHESISERS.create(own, threads=1, language="en")
    assert engine.synthesise("Hello.", Mood("neutral"), "youngman").engine == f"kokoro:{tiny_kokoro}"


def test_a_prosody_without_a_voice_is_spoken(plan: KokoroPlan) -> None:
    whispered: Prosody = dataclasses.replace(plan.prosody, f0=np.zeros(len(plan.prosody)))
    assert np.isfinite(plan.render(whispered, NEUTRAL).samples).all()

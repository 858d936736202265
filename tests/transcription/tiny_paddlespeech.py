"""Tiny models with random weights in the layout in which PaddleSpeech releases its own.

    python tests/transcription/tiny_paddlespeech.py FOLDER

makes in FOLDER, in a process of its own because Paddle does not get on with what tests have loaded:

    char/           a conformer that writes letters
    spm/            a transformer that writes pieces of words, as the English one does
    archive.tar.gz  char/ as it is downloaded
    sound.wav       what was heard
    heard.json      what PaddleSpeech's own recogniser made of it with char/, by way of decoding
    punctuation/    a model of punctuation, where paddlenlp is installed
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import tarfile
import wave
from pathlib import Path

import numpy as np

DECODINGS = ("attention_rescoring", "ctc_greedy_search", "ctc_prefix_beam_search", "attention")
LETTERS = [*map(chr, range(ord("a"), ord("z") + 1)), "'"]
HAN = "今天气很好我们一起去公园散步吧"
RATE = 16000
CHECKPOINT = "exp/tiny/checkpoints/avg_1"


def write_pieces(folder: Path) -> list[str]:
    """Write a sentencepiece model and return its vocabulary."""
    import sentencepiece

    folder.mkdir(parents=True)
    text = folder / "text"
    text.write_text("\n".join(f"kids are talking by the door {letter} dogs are sitting" for letter in LETTERS))
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(folder / "bpe_tiny"), vocab_size=60, model_type="bpe", minloglevel=2
    )
    text.unlink()
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "bpe_tiny.model"))
    return [processor.id_to_piece(number) for number in range(3, processor.get_piece_size())]


def hear_plainly(folder: Path, wav: Path) -> dict[str, str]:
    """Return what the recogniser as it comes makes of a sound, by way of decoding."""
    from paddlespeech.cli.asr.infer import ASRExecutor

    return {
        decoding: ASRExecutor()(
            audio_file=str(wav),
            model="conformer_tiny",
            lang="en",
            config=str(folder / "model.yaml"),
            ckpt_path=str(folder / CHECKPOINT),
            decode_method=decoding,
            force_yes=True,
            device="cpu",
        )
        for decoding in DECODINGS
    }


def write_sound(path: Path) -> None:
    """Write two seconds of tones that come and go, in 16 bits."""
    time = np.arange(2 * RATE) / RATE
    sound = np.sin(2 * np.pi * 220 * time) * np.sin(2 * np.pi * 1.5 * time) ** 2
    sound += 0.1 * np.random.default_rng(0).normal(size=len(time))
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes((sound * 8000).astype("<i2").tobytes())


def write_punctuation(folder: Path) -> None:
    """Write a tiny ERNIE that puts signs after Chinese characters."""
    import paddle
    from paddlenlp.transformers import ErnieConfig, ErnieForTokenClassification

    sizes = {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "vocab_size": 100,
        "max_position_embeddings": 64,
        "use_task_id": False,
    }
    (folder / "ckpt").mkdir(parents=True)
    characters = ["[PAD]", "[CLS]", "[SEP]", "[MASK]", ",", "[UNK]", *HAN]
    (folder / "ernie_3.0_mini_zh_vocab.txt").write_text("\n".join(characters) + "\n", encoding="utf-8")
    (folder / "punc_vocab.txt").write_text("，\n。\n？\n", encoding="utf-8")
    settings = {"model": {"num_classes": 4, "pretrained_token": "ernie-3.0-mini-zh", **sizes}}
    (folder / "ckpt" / "model_config.json").write_text(json.dumps(settings))
    paddle.seed(3)
    network = ErnieForTokenClassification(ErnieConfig(num_labels=4, type_vocab_size=4, **sizes))
    with paddle.no_grad():
        network.classifier.weight.set_value(network.classifier.weight * 100)
    state = {f"ernie.{name}": value for name, value in network.state_dict().items()}
    paddle.save({"main_params": state}, str(folder / "ckpt" / "model_state.pdparams"))


def main(folder: Path) -> None:
    os.environ["PPSPEECH_HOME"] = str(folder / "home")
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from random_paddlespeech import settings_of, write_random_weights

    from pipeline.transcription.paddlespeech.patches import forbid_network, tame

    forbid_network()
    tame()
    vocabulary = ["<blank>", "<unk>", "<space>", *LETTERS, "<eos>"]
    write_random_weights(folder / "char", settings_of("conformer", vocabulary), CHECKPOINT)
    pieces = write_pieces(folder / "spm" / "data" / "lang_char")
    vocabulary = ["<blank>", "<unk>", *pieces, "<eos>"]
    write_random_weights(folder / "spm", settings_of("transformer", vocabulary, "data/lang_char/bpe_tiny"), CHECKPOINT)
    with tarfile.open(folder / "archive.tar.gz", "w:gz") as tar:
        for path in (folder / "char").iterdir():
            tar.add(path, path.name)
    write_sound(folder / "sound.wav")
    (folder / "heard.json").write_text(json.dumps(hear_plainly(folder / "char", folder / "sound.wav")))
    if importlib.util.find_spec("paddlenlp"):
        write_punctuation(folder / "punctuation")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

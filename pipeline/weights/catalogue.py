"""Everything that `models pull` can get.

To add weights, append a `Weights` to `CATALOGUE`.
Its `parts` are single files (`Download(url, digest)`), archives (`Download(url, digest, archive=True)`, with the files
that must be there after unpacking in `holds`), files of a repository of the Hugging Face hub
(`Snapshot("owner/name", ("config.json", "model.bin"))`), or any number of these.
Everything lands in one folder: `location(name)`.
An engine calls `require(name)`, which gives that folder or raises `WeightsMissing` with the line to run.
"""

from __future__ import annotations

from typing import Final

from pipeline.core.catalogue import Catalogue
from pipeline.weights.records import Download, Snapshot, Weights

__all__ = ["CATALOGUE", "sizes"]

_EMOTIVOICE: Final = "https://www.modelscope.cn/models/syq163/outputs/resolve/master"
_MOONSHINE: Final = "https://download.moonshine.ai/model"
_PADDLESPEECH: Final = "https://paddlespeech.cdn.bcebos.com"


def _paddlespeech(name: str, engine: str, description: str, megabytes: int, path: str, md5: str) -> Weights:
    return Weights(
        name=name,
        engine=engine,
        description=description,
        licence="Apache-2.0",
        size=megabytes * 10**6,
        parts=(Download(f"{_PADDLESPEECH}/{path}", f"md5:{md5}", archive=True),),
        holds=("model.yaml",),
    )


def _whisper(size: str, description: str, megabytes: int, owner: str = "Systran") -> Weights:
    return Weights(
        name=f"whisper-{size}",
        engine=f"--asr whisper:{size}",
        description=description,
        licence="MIT",
        size=megabytes * 10**6,
        parts=(
            Snapshot(
                f"{owner}/faster-whisper-{size}",
                # Only the newest hold the settings of their spectrogram.
                ("model.bin", "config.json", "tokenizer.json", "vocabulary.*", "preprocessor*.json"),
            ),
        ),
    )


def _emotivoice(file: str) -> Download:
    return Download(f"{_EMOTIVOICE}/{file}", path=f"outputs/{file}")


CATALOGUE: Final = Catalogue(
    "There are no weights",
    Weights(
        name="emotivoice",
        engine="--tts emotivoice",
        description="EmotiVoice: 2014 voices in English and Chinese, emotion by prompt; generator and style encoder",
        licence="Apache-2.0",
        size=1_374_000_000,
        parts=(
            _emotivoice("prompt_tts_open_source_joint/ckpt/g_00140000"),
            _emotivoice("style_encoder/ckpt/checkpoint_163431"),
            # Its weights are in the style encoder's checkpoint.
            Snapshot(
                "WangZeJun/simbert-base-chinese", ("config.json", "vocab.txt"), folder="WangZeJun/simbert-base-chinese"
            ),
        ),
    ),
    _paddlespeech(
        "paddlespeech-en", "--asr paddlespeech --language en", "transformer_librispeech: English, read books", 131,
        "s2t/librispeech/asr1/asr1_transformer_librispeech_ckpt_0.1.1.model.tar.gz",
        "2c667da24922aad391eacafe37bc1660",
    ),
    _paddlespeech(
        "paddlespeech-zh", "--asr paddlespeech --language zh", "conformer_u2pp_online_wenetspeech: Mandarin", 476,
        "s2t/wenetspeech/asr1/asr1_chunk_conformer_u2pp_wenetspeech_ckpt_1.3.0.model.tar.gz",
        "62d230c1bf27731192aa9d3b8deca300",
    ),
    _paddlespeech(
        "paddlespeech-zh-wenetspeech", "--asr paddlespeech:conformer_wenetspeech --language zh",
        "conformer_wenetspeech: Mandarin, hears whole phrases", 457,
        "s2t/wenetspeech/asr1_conformer_wenetspeech_ckpt_0.1.1.model.tar.gz",
        "76cb19ed857e6623856b7cd7ebbfeda4",
    ),
    _paddlespeech(
        "paddlespeech-zh-en", "--asr paddlespeech --language zh-en",
        "conformer_talcs: Mandarin and English in one sentence", 470,
        "s2t/tal_cs/asr1/asr1_conformer_talcs_ckpt_1.4.0.model.tar.gz",
        "01962c5d0a70878fe41cacd4f61e14d1",
    ),
    Weights(
        name="paddlespeech-punctuation",
        engine="--asr paddlespeech --language zh",
        description="ernie_linear_p3_wudao_fast: punctuation for Mandarin",
        licence="Apache-2.0",
        size=110 * 10**6,
        parts=(
            Download(
                f"{_PADDLESPEECH}/text/ernie_linear_p3_wudao_fast-punc-zh.tar.gz",
                "md5:c93f9594119541a5dbd763381a751d08",
                archive=True,
            ),
            Download("https://bj.bcebos.com/paddlenlp/models/transformers/ernie_3.0/ernie_3.0_mini_zh_vocab.txt"),
        ),
        holds=("ckpt/model_config.json", "ckpt/model_state.pdparams", "punc_vocab.txt"),
    ),
    _whisper("tiny", "39 million parameters, a hundred languages", 78),
    _whisper("tiny.en", "39 million parameters, English only", 78),
    _whisper("base", "74 million parameters, a hundred languages", 148),
    _whisper("base.en", "74 million parameters, English only", 148),
    _whisper("small", "244 million parameters, a hundred languages", 486),
    _whisper("small.en", "244 million parameters, English only", 486),
    _whisper("medium", "769 million parameters, a hundred languages", 1530),
    _whisper("medium.en", "769 million parameters, English only", 1530),
    _whisper("large-v3", "1550 million parameters, a hundred languages, the most exact", 3090),
    _whisper("large-v3-turbo", "809 million parameters, nearly as exact, far faster", 1620, "mobiuslabsgmbh"),
    Weights(
        name="moonshine-base",
        engine="--asr moonshine:base",
        description="62 million parameters, English",
        licence="MIT",
        size=100 * 10**6,
        parts=tuple(
            Download(f"{_MOONSHINE}/base-en/quantized/base-en/{name}")
            for name in ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin")
        ),
    ),
)  # fmt: skip
"""All weights, by engine."""


def sizes(engine: str) -> tuple[str, ...]:
    """Return the sizes of an engine that can be pulled, each the rest of a name after `ENGINE-`."""
    names = (weights.name for weights in CATALOGUE)
    return tuple(name.removeprefix(f"{engine}-") for name in names if name.startswith(f"{engine}-"))

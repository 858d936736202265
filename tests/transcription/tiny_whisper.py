"""Whisper models in the official CTranslate2 layout, made of arrays: one that says what it is told, and random ones.

The scripted model has one layer. Its tokens are unit vectors, so that the output projection can hold what follows
each of them and how likely it is; cross attention looks at a stretch of half a second for each word, and
self attention at all that came before, so that a hint is seen. It does not listen: it says its text about any sound.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.frontend.words import written_words

LANGUAGES = ("en", "zh", "de", "fr")
SPECIAL = ("<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>")
VOCABULARY = 51865
"""Tokens of the trained models that hear many languages."""
FRAMES = 1500
TIMES = 1501
STRETCH = 25
"""Frames of 20 ms that a token's cross attention looks at."""
WIDTH = 64
PLACES = 30

Array = NDArray[np.float32]


def write_scripted(
    folder: Path,
    text: str,
    *,
    language: str = "",
    certainty: float = 30.0,
    swaps: Mapping[str, str] | None = None,
    loops: bool = False,
    silent: bool = False,
) -> Path:
    """Write a model that says a text whatever it hears.

    Args:
        folder: Where to write; made if it is not there.
        text: Different words; the one at index i is said in the stretch of half a second at index i + 1.
        language: What the model takes the language for when it is asked; without one it only knows English.
        certainty: Logit of each next word, against zero for all other tokens.
        swaps: Words, each with the one it becomes when that one stands in the prompt.
        loops: Whether the first word follows the last, for ever.
        silent: Whether it takes everything for silence all the same.
    """
    swaps = swaps or {}
    vocabulary = _write_tokenizer(folder, [text, *swaps.values()], multilingual=bool(language))
    identity = {token: index for index, token in enumerate(vocabulary)}
    words = _encode(folder, f" {text}" if text.isascii() else text)
    swapped = {_encode(folder, f" {before}")[0]: _encode(folder, f" {after}")[0] for before, after in swaps.items()}
    asked, begin, end = (identity[f"<|{name}|>"] for name in ("startoftranscript", "notimestamps", "endoftext"))
    place = {token: index for index, token in enumerate(sorted({asked, begin, *words, *swapped.values()}))}
    assert len(place) <= PLACES, "too many different words"

    embedding, projection = np.zeros((2, len(vocabulary), WIDTH), np.float32)
    for token, index in place.items():
        embedding[token, index] = 1
    logit = certainty / np.sqrt(WIDTH)
    followers = list(itertools.pairwise([begin, *words, words[0] if loops else end]))
    if language:
        followers.append((asked, identity[f"<|{language}|>"]))
    for before, after in followers:
        for former in (before, swapped.get(before, before)):
            projection[after, place[former]] = logit
            if after in swapped:
                projection[swapped[after], place[former]] = 0.97 * logit
    if silent:
        projection[identity["<|nospeech|>"], place[asked]] = 30 / np.sqrt(WIDTH)
    for after in swapped.values():
        projection[after, PLACES + place[after]] = 0.3 * logit

    spec = _specification(layers=1, heads=1, width=WIDTH, mels=80, tokens=len(vocabulary), random=None)
    spec.encoder.position_encodings.encodings = np.repeat(np.eye(WIDTH, dtype=np.float32), STRETCH, axis=0)[:FRAMES]
    (layer,) = spec.decoder.layer
    for index, token in enumerate(words):
        layer.attention.linear[0].weight[index + 1, place[token]] = 1
    layer.attention.linear[1].weight[:WIDTH] = np.eye(WIDTH)
    for index in range(PLACES):
        layer.self_attention.linear[0].weight[2 * WIDTH + PLACES + index, index] = 0.2
    layer.self_attention.linear[1].weight = np.eye(WIDTH, dtype=np.float32)
    spec.decoder.embeddings.weight = embedding
    spec.decoder.projection.weight = projection
    return _save(spec, folder, vocabulary, alignment=[[0, 0]])


def write_random(folder: Path, *, layers: int, heads: int, width: int, mels: int = 80, size: int = VOCABULARY) -> Path:
    """Write a model of any size with random weights in 16 bits, as models are released."""
    vocabulary = _write_tokenizer(folder, [], multilingual=True, size=size)
    spec = _specification(layers, heads, width, mels, len(vocabulary), np.random.default_rng(0))
    aligning = [[layer, head] for layer in range(layers // 2, layers) for head in range(heads)]
    return _save(spec, folder, vocabulary, alignment=aligning, quantization="float16")


def _write_tokenizer(folder: Path, texts: Sequence[str], *, multilingual: bool, size: int = 0) -> list[str]:
    """Write `tokenizer.json` with a token for each word of the texts; give the vocabulary."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(
        [f" {word}" if word.isascii() else word for text in texts for word in written_words(text)], trainer
    )
    languages = [f"<|{language}|>" for language in LANGUAGES] if multilingual else []
    fillers = [f"<|unused{index}|>" for index in range(size - tokenizer.get_vocab_size() - TIMES - 12 - len(languages))]
    special = [*fillers, "<|empty|>", "<|endoftext|>", "<|startoftranscript|>", *languages, *SPECIAL]
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in special])
    tokenizer.save(str(folder / "tokenizer.json"))
    identity = tokenizer.get_vocab()
    pieces = sorted(identity, key=identity.__getitem__)
    if multilingual:
        # By an empty token the runtime knows models that hear many languages.
        pieces[identity["<|empty|>"]] = ""
    return [*pieces, *(f"<|{index * 0.02:.2f}|>" for index in range(TIMES))]


def _encode(folder: Path, text: str) -> list[int]:
    from tokenizers import Tokenizer

    tokens: list[int] = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text, add_special_tokens=False).ids
    return tokens


def _specification(layers: int, heads: int, width: int, mels: int, tokens: int, random: np.random.Generator | None):
    """Return the arrays of a model, random or all zero but the norms."""
    from ctranslate2.specs import WhisperSpec

    def array(*shape: int) -> Array:
        if random is None:
            return np.zeros(shape, np.float32)
        return (random.standard_normal(shape, np.float32) / np.sqrt(shape[-1])).astype(np.float32)

    def linear(part: object, outputs: int, inputs: int) -> None:
        part.weight, part.bias = array(outputs, inputs), np.zeros(outputs, np.float32)

    def norm(part: object) -> None:
        part.gamma, part.beta = np.ones(width, np.float32), np.zeros(width, np.float32)

    def attention(part: object, *outputs: int) -> None:
        norm(part.layer_norm)
        for inner, size in zip(part.linear, outputs, strict=True):
            linear(inner, size * width, width)

    def network(part: object) -> None:
        norm(part.layer_norm)
        linear(part.linear_0, 4 * width, width)
        linear(part.linear_1, width, 4 * width)

    spec = WhisperSpec(layers, heads, layers, heads)
    encoder, decoder = spec.encoder, spec.decoder
    for convolution, inputs in ((encoder.conv1, mels), (encoder.conv2, width)):
        convolution.weight, convolution.bias = array(width, inputs, 3), np.zeros(width, np.float32)
    encoder.position_encodings.encodings = array(FRAMES, width)
    decoder.position_encodings.encodings = array(448, width)
    norm(encoder.layer_norm)
    norm(decoder.layer_norm)
    for layer in encoder.layer:
        attention(layer.self_attention, 3, 1)
        network(layer.ffn)
    for layer in decoder.layer:
        attention(layer.self_attention, 3, 1)
        attention(layer.attention, 1, 2, 1)
        network(layer.ffn)
    decoder.embeddings.weight = array(tokens, width)
    decoder.projection.weight = decoder.embeddings.weight
    return spec


def _save(spec, folder: Path, vocabulary: list[str], alignment: list[list[int]], quantization: str = "") -> Path:
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [vocabulary.index("<|endoftext|>")]
    spec.config.lang_ids = [index for index, token in enumerate(vocabulary) if token.strip("<|>") in LANGUAGES]
    spec.config.alignment_heads = alignment
    spec.config.add_attribute("bos_token", "<|startoftranscript|>")
    spec.config.add_attribute("eos_token", "<|endoftext|>")
    spec.validate()
    if quantization:
        spec.optimize(quantization=quantization)
    spec.save(str(folder))
    return folder

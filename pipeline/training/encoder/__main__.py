"""Write `checkpoints/encoder` anew: `python -m pipeline.training.encoder`."""

from __future__ import annotations

import hashlib
from typing import Final

from pipeline.audio.speaker_embeddings import X_VECTOR
from pipeline.audio.speech_encoder import ENCODER
from pipeline.core.files import atomic
from pipeline.core.paths import bundled
from pipeline.training.encoder.speech_encoder import encoder_graph, in_8_bits
from pipeline.training.encoder.x_vector import x_vector_graph

_CARD: Final = """# Speech encoder and x-vector

What transcription, emotion recognition, the judge of emotions and the separation of speakers hear with.
Nothing was trained here: both networks are those that the package moonshine-voice 0.0.62 holds, as ONNX graphs.

* `model.onnx` ({size:.1f} MB, SHA-256 {digest}):
  the encoder of Moonshine tiny, from sound at 16 kHz to the hidden states of every layer, 288 numbers in 41.7 frames a
  second. The weights stay in the package's 8 bits, in memory too. It computes with floats:
  products in 8 bits let noise of a millionth of the sound, or another processor, move the answer by 3 %.
* `x_vector.onnx` ({voice_size:.1f} MB, SHA-256 {voice_digest}):
  an x-vector network, from sound at 16 kHz to 512 numbers that point where a speaker's voice points.
  The package's floats stand in 8 bits, with a scale for each number that comes out.

`python -m pipeline.training.encoder` makes both anew, with the extra `train`; running them needs ONNX Runtime alone.

## Beside products in 8 bits
Transcription computed with the same weights as floats before, and only the last digits of sums differ: of 1,045 words
of LibriSpeech 105 are wrong as before, in two of 50 texts others.

Emotions were told with products in 8 bits, and their models were trained and scored so. Of 300 clips of RAVDESS no
likeliest emotion changes, and a probability moves by 0.0274 at most; noise of a millionth of the sound moved it by
0.0331 before. Of 400 clips each of TESS and nEMO, whose speakers no model heard, 147 are right instead of 145, and
103 as before.

## Licences
* encoder: Moonshine tiny (Jeffries et al., 2024, arXiv:2410.15608), Copyright Useful Sensors and Moonshine AI, MIT
* x-vector network: pyannote/embedding, Copyright CNRS, MIT; trained on VoxCeleb
"""


def main() -> None:
    """Write both graphs and their card into the project."""
    speech, voice = (model.SerializeToString() for model in (in_8_bits(encoder_graph()), x_vector_graph()))
    folder = bundled(*ENCODER[:1]).joinpath(*ENCODER[1:-1])
    card = _CARD.format(
        size=len(speech) / 1e6,
        digest=hashlib.sha256(speech).hexdigest(),
        voice_size=len(voice) / 1e6,
        voice_digest=hashlib.sha256(voice).hexdigest(),
    )
    for name, data in ((ENCODER[-1], speech), (X_VECTOR[-1], voice), ("MODEL_CARD.md", card.encode())):
        with atomic(folder / name) as temporary:
            temporary.write_bytes(data)


if __name__ == "__main__":
    main()

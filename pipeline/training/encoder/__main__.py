"""Write `checkpoints/encoder` anew: `python -m pipeline.training.encoder`."""

from __future__ import annotations

import hashlib

from pipeline.audio.speaker_embeddings import X_VECTOR
from pipeline.audio.speech_encoder import ENCODER, WHISPER
from pipeline.core.paths import bundled
from pipeline.training.checkpoints import MODEL_CARD, model_card
from pipeline.training.encoder.speech_encoder import encoder_graph, in_8_bits
from pipeline.training.encoder.whisper_encoder import whisper_graph
from pipeline.training.encoder.x_vector import x_vector_graph
from pipeline.training.runs import write_files


def main() -> None:
    """Write the graphs and their card into the project."""
    graphs = (in_8_bits(encoder_graph()), x_vector_graph(), whisper_graph())
    speech, voice, whisper = (model.SerializeToString() for model in graphs)
    folder = bundled(*ENCODER[:1]).joinpath(*ENCODER[1:-1])
    card = model_card(
        "encoder",
        size=len(speech) / 1e6,
        digest=hashlib.sha256(speech).hexdigest(),
        voice_size=len(voice) / 1e6,
        voice_digest=hashlib.sha256(voice).hexdigest(),
        whisper_size=len(whisper) / 1e6,
        whisper_digest=hashlib.sha256(whisper).hexdigest(),
    )
    write_files(folder, {ENCODER[-1]: speech, X_VECTOR[-1]: voice, WHISPER[-1]: whisper, MODEL_CARD: card.encode()})


if __name__ == "__main__":
    main()

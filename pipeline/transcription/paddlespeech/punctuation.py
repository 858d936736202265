"""PaddleSpeech's punctuation of Mandarin, in the worker.

ERNIE reads the characters and predicts which sign follows each of them: comma, full stop, question mark or none.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any, Final

__all__ = ["Punctuation"]

_MODEL: Final = "ernie_linear_p3_wudao_fast"
_CHECKPOINT: Final = "ckpt/model_state.pdparams"
_SETTINGS: Final = "ckpt/model_config.json"
_SIGNS: Final = "punc_vocab.txt"
_CHARACTERS: Final = "ernie_3.0_mini_zh_vocab.txt"


class Punctuation:
    """Adds punctuation to text.

    Args:
        folder: The unpacked archive of the released model, together with the list of ERNIE's characters.

    Raises:
        ImportError: The package paddlenlp is missing.
    """

    def __init__(self, folder: Path) -> None:
        from paddlenlp.transformers import ErnieForTokenClassification, ErnieTokenizer
        from paddlespeech.cli.text.infer import TextExecutor

        # Both would download: the characters, which are in the folder, and weights, which are replaced at once.
        ErnieForTokenClassification.from_pretrained = _random_weights
        ErnieTokenizer.from_pretrained = lambda name: ErnieTokenizer(str(folder / _CHARACTERS))
        self._executor: Any = TextExecutor()
        self._executor._init_from_path_new(
            "punc", _MODEL, "zh", str(folder / _SETTINGS), str(folder / _CHECKPOINT), str(folder / _SIGNS)
        )
        self._signs = tuple(self._executor._punc_list)

    def added(self, text: str) -> str:
        """Return the text with punctuation, or unchanged if the model would change anything else."""
        # Every call inserts "no sign" at the front of this list again.
        self._executor._punc_list = list(self._signs)
        self._executor.preprocess(text)
        self._executor.infer()
        punctuated = str(self._executor.postprocess(isNewTrainer=True))
        return punctuated if _bare(punctuated) == _bare(text) else text


def _random_weights(name: str, **settings: Any) -> Any:
    from paddlenlp.transformers import ErnieConfig, ErnieForTokenClassification
    from paddlenlp.transformers.ernie.configuration import ERNIE_PRETRAINED_INIT_CONFIGURATION

    return ErnieForTokenClassification(ErnieConfig(**(ERNIE_PRETRAINED_INIT_CONFIGURATION[name] | settings)))


def _bare(text: str) -> str:
    return "".join(sign for sign in text.casefold() if unicodedata.category(sign)[0] not in "PZ")

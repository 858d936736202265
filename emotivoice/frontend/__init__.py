"""From any text to the tokens that the model speaks; imports neither torch nor a model.

>>> from emotivoice.frontend import Frontend
>>> Frontend()("Hello, world!").tokens[:5]
('<sos/eos>', '[HH]', '[AH0]', '[L]', '[OW1]')
"""

from emotivoice.frontend.mixed import Frontend, SpokenWord, Utterance, read_dictionary
from emotivoice.frontend.sentences import split_sentences

__all__ = ["Frontend", "SpokenWord", "Utterance", "read_dictionary", "split_sentences"]

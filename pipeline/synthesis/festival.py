"""Festival's HTS voice as a neutral speaker, if the system has it (Debian: festival, festvox-us-slt-hts).

One Festival process is kept and fed by a pipe.
The text reaches it as a string of letters, digits and plain punctuation, which no Scheme reader can take for code.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from pipeline.audio.resampling import resampled
from pipeline.core.errors import EngineMissing
from pipeline.core.temporary import TemporaryFolder
from pipeline.core.values import Audio
from pipeline.synthesis.acting import Actor
from pipeline.synthesis.sentences import Sentence, Span
from pipeline.synthesis.world.speaker import ForeignSpeaker, token_spans

__all__ = ["Festival", "create", "ready"]

_VOICE: Final = "cmu_us_slt_arctic_hts"
"""Festival's name of the voice."""
_FOLDERS: Final = ("/usr/share/festival", "/usr/local/share/festival", "/usr/lib/festival", "/opt/festival")
"""Where systems keep Festival's voices."""
_INSTALL: Final = "run apt-get install festival festvox-us-slt-hts"
"""What to do if the system has no Festival."""
_SAMPLE_RATE: Final = 24_000
"""Hertz that the sound is analysed at, the rate of the embedded voice."""
_SECONDS_A_SENTENCE: Final = 60.0
"""Seconds after which a Festival that does not answer is taken for dead; a sentence takes less than one."""
_DONE: Final = "resay-done"
"""What Festival prints after each answer."""
_LINE: Final = re.compile(r"token (?P<token>\S+)|word (?P<start>\d+\.\d+) (?P<end>\d+\.\d+)")
"""A line of an answer: a token of the text, or a word that it is read as, with its seconds."""

_SAY: Final = """
(define (resay_say text file)
  (let ((utterance (utt.synth (eval (list 'Utterance 'Text text)))))
    (utt.save.wave utterance file 'riff)
    (mapcar
      (lambda (token)
        (if (not (item.parent token)) (format t "token %s\\n" (item.name token)))
        (mapcar
          (lambda (word) (format t "word %f %f\\n" (item.feat word 'word_start) (item.feat word 'word_end)))
          (item.daughters token)))
      (utt.relation.items utterance 'Token))))
"""
"""Scheme that says a text, writes the sound to a file and prints tokens and words."""


class Festival(ForeignSpeaker):
    """Says sentences neutrally with the HTS voice of CMU ARCTIC's speaker SLT.

    Zen et al. (2007), "The HMM-based speech synthesis system (HTS) version 2.0".

    Raises:
        EngineMissing: Festival or the voice is not installed.
    """

    name = "festival"
    usual_f0 = 168.0

    def __init__(self) -> None:
        super().__init__()
        if reason := ready():
            raise EngineMissing(f"The voice of Festival is not ready: {reason}.")
        self._lock = threading.Lock()
        self._folder = TemporaryFolder()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._stop: Callable[[], object] = _nothing
        with self._lock:
            self._start()

    def say(self, sentence: Sentence) -> tuple[Audio, Iterable[Span]]:
        """Return a sentence as Festival says it, with the times of its words.

        Raises:
            EngineMissing: Festival ended or did not answer in a minute.
        """
        import soundfile

        wave = self._folder.path / "sentence.wav"
        with self._lock:
            wave.unlink(missing_ok=True)
            lines = self._ask(f'(resay_say "{sentence.said}" "{wave}")')
            if not wave.exists():
                raise EngineMissing(f"Festival could not say '{sentence.text}'.")
            samples, sample_rate = soundfile.read(wave, dtype="float32")
        return resampled(Audio(samples, sample_rate), _SAMPLE_RATE), token_spans(sentence.said, _tokens(lines))

    def _ask(self, form: str) -> list[str]:
        if self._process is None or self._process.poll() is not None or self._owner != os.getpid():
            self._start()
        return self._exchange(form)

    def _start(self) -> None:
        self._stop()
        process = subprocess.Popen(  # noqa: S603
            [shutil.which("festival") or "festival", "--pipe"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # The person's own ~/.festivalrc may hold anything.
            env={**os.environ, "HOME": str(self._folder.path)},
        )
        self._process, self._owner = process, os.getpid()
        self._stop = weakref.finalize(self, _end, process, os.getpid())
        self._exchange(f"(voice_{_VOICE})\n{_SAY}")

    def _exchange(self, forms: str) -> list[str]:
        """Send forms and return the lines of the answer."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise AssertionError("_exchange runs after _start")
        deadline = time.monotonic() + _SECONDS_A_SENTENCE
        answer = b""
        mark = f"{_DONE}\n".encode()
        try:
            process.stdin.write(f'{forms}\n(format t "{_DONE}\\n")\n(fflush nil)\n'.encode("ascii"))
            process.stdin.flush()
            while not answer.endswith(mark):
                waiting, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
                part = os.read(process.stdout.fileno(), 65536) if waiting else b""
                if not part:
                    self._stop()
                    raise EngineMissing("Festival ended or did not answer.", hint="Choose --tts espeak.")
                answer += part
        except BrokenPipeError as error:
            raise EngineMissing("Festival ended.", hint="Choose --tts espeak.") from error
        return answer.decode("ascii", "replace").splitlines()[:-1]


def ready() -> str:
    """Return why Festival cannot speak on this machine; empty if it can."""
    if shutil.which("festival") is None:
        return f"festival is not installed: {_INSTALL}"
    if not any(Path(folder, "voices", "us", _VOICE).is_dir() for folder in _FOLDERS):
        return f"the voice {_VOICE} is not installed: {_INSTALL}"
    return ""


def create() -> Actor:
    """Return the voice.

    Raises:
        EngineMissing: Festival or the voice is not installed.
    """
    return Actor(Festival())


def _tokens(lines: list[str]) -> list[tuple[str, list[tuple[float, float]]]]:
    """Return the tokens of Festival's answer, each with start and end of the words that it is read as."""
    tokens: list[tuple[str, list[tuple[float, float]]]] = [("", [])]
    for match in filter(None, map(_LINE.fullmatch, lines)):
        if match["token"]:
            tokens.append((match["token"], []))
        else:
            tokens[-1][1].append((float(match["start"]), float(match["end"])))
    return tokens


def _nothing() -> None:
    """Stand in for what ends the process, before there is one."""


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    """End a process that this process started; a fork's copy of it is the parent's affair."""
    if os.getpid() == owner:
        process.kill()
        process.wait()

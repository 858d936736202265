"""PaddleSpeech: transcription of English and Mandarin, in a process of its own.

    transcriber     transcribes speech segments                 in the calling process
    models          which model, and where it is
    process         starts the worker and asks it
    protocol        the messages in the pipes                   in both
    worker          answers requests                            in the worker
    executor        PaddleSpeech's recogniser, one segment at a time
    punctuation     PaddleSpeech's punctuation of Mandarin
    patches         no network, no installations, no output
    layout          reads a model's folder without running anything in it

The process keeps Paddle's libraries apart from those of TensorFlow and openSMILE, which crash if they are loaded first.
The caller survives whatever PaddleSpeech does, and gets the memory back when the process is closed.
"""

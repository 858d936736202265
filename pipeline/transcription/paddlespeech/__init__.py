"""PaddleSpeech: recognition of English and Mandarin, in a process of its own.

    transcriber  phrases of a recording to segments         in the calling process
    models       which model, and where it lies
    process      the worker as a thing to ask
    protocol     what goes through the pipes                in both
    worker       answers                                    in the worker
    executor     PaddleSpeech's recogniser, one phrase at a time
    punctuation  PaddleSpeech's punctuation of Mandarin
    patches      no network, no installing, no talk
    layout       what is read from a model's folder, without running anything that lies there
    random_weights    models with random weights, for tests and measurements

The process keeps Paddle's libraries away from those of TensorFlow and openSMILE, which crash beside it when they come
first, survives whatever PaddleSpeech does, and gives its memory back when it is closed.
"""

"""Live transcriptions: a session outlives the connections over which sound comes in and captions go out."""

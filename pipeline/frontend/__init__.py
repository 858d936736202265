"""Written language to sentences, words as they are said, and their sounds; no framework."""

"""Emotion in words. Importing this package imports nothing heavy."""

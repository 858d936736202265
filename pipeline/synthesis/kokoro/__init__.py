"""Kokoro-82M, taken apart: phones to durations, F0 and energy, and from these to sound."""

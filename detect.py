"""The command: `python detect.py recording.wav happy youngwoman` writes `output/1.wav`."""

import sys

try:
    from pipeline.cli import main
except ImportError as error:
    sys.stderr.write(
        f"error: {error}. Use the Python of .venv (source .venv/bin/activate), or run make run to get what is needed.\n"
    )
    raise SystemExit(3) from None
except KeyboardInterrupt:
    raise SystemExit(130) from None

if __name__ == "__main__":
    main()

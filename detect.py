"""The command: `python detect.py recording.wav happy youngwoman` writes `output/1.wav`."""

from pipeline.cli import main

if __name__ == "__main__":
    main()

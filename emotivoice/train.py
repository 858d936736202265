"""`python -m emotivoice.train --config config.yaml`: teach a model, from scratch or from the official weights.

The configuration is an official `config.yaml` with a section `training`; see `emotivoice.training.settings`.
On several GPUs: `torchrun --nproc_per_node=N -m emotivoice.train --config config.yaml`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline.core.errors import ResayError

__all__ = ["main"]


def main(argv: list[str] | None = None) -> int:
    """Read the command line and train; exit with 1 if something is wrong with what was given."""
    parser = argparse.ArgumentParser(prog="python -m emotivoice.train", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="config.yaml with a section 'training'")
    parser.add_argument("--threads", type=int, help="processor threads")
    arguments = parser.parse_args(argv)
    try:
        import torch

        from emotivoice.training.trainer import Trainer

        if arguments.threads:
            torch.set_num_threads(arguments.threads)
        Trainer(arguments.config).run()
    except ResayError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m core`: the analyses without a browser."""

import os
import sys

# A step uses one core: the matrices are small, and a second thread costs more than it brings. Numeric libraries
# read these when they are first loaded, so they stand before every other import; a value set outside wins.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from core.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())

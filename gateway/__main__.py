"""``python -m gateway`` is ``loa``."""

import sys

from gateway.cli import main

sys.exit(main())

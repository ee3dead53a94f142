"""Run the vision process: `python -m kiosk.vision --config kiosk.toml`."""

import sys

from kiosk.vision.process import main

sys.exit(main())

"""`python -m ui` is `kiosk-ui`."""

import sys

from ui.process import main

sys.exit(main())

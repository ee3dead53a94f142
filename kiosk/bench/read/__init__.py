"""`kiosk bench read`: how many codes each engine reads, exactly, and what a look costs."""

import kiosk.vision  # noqa: F401  # sets what OpenCV reads when it is loaded

"""OpenCV reads its environment when it is loaded, so the package that sets it comes first."""

import kiosk.vision  # noqa: F401

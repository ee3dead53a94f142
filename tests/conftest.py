"""Property tests try the same examples in every run; `KIOSK_FUZZ=5000 scripts/test unit` tries that many new ones."""

import os

from hypothesis import HealthCheck, settings

import kiosk.vision  # noqa: F401 - OpenCV reads its environment when it is loaded, so what sets it comes first

_SLOW = [HealthCheck.too_slow]
settings.register_profile("fixed", derandomize=True, deadline=None, suppress_health_check=_SLOW)
settings.register_profile(
    "fuzz", max_examples=int(os.environ.get("KIOSK_FUZZ", "100")), deadline=None, suppress_health_check=_SLOW
)
settings.load_profile("fuzz" if "KIOSK_FUZZ" in os.environ else "fixed")

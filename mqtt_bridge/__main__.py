"""`python -m mqtt_bridge --config FILE`."""

import sys

from mqtt_bridge.process import main

if __name__ == "__main__":
    sys.exit(main())

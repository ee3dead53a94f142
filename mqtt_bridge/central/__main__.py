"""`python -m mqtt_bridge.central --port PORT --database FILE`."""

import sys

from mqtt_bridge.central.process import main

if __name__ == "__main__":
    sys.exit(main())

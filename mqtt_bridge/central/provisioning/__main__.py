"""`python -m mqtt_bridge.central.provisioning --folder FOLDER COMMAND`."""

import sys

from mqtt_bridge.central.provisioning.command import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m mqtt_bridge.central --port PORT --database FILE|URL`, and `migrate` and `report` beside it."""

import sys

from mqtt_bridge.central import database_commands, process

if __name__ == "__main__":
    command = database_commands.COMMANDS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    sys.exit(command(sys.argv[2:]) if command else process.main())

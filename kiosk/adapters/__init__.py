"""The gate process's hands: clock, journal file, pins, sockets, trust files. Each behind a Protocol of app.ports."""

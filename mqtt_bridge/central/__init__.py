"""A small centre: stores what kiosks send, and says so only when it is committed."""

"""`kiosk demo`: all four processes, a broker and a small centre under one parent, and a morning at the door."""

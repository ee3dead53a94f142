"""`kiosk bench read`: how many codes each engine reads, exactly, and what a look costs."""

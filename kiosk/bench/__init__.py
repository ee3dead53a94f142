"""`kiosk bench`: figures as medians and percentiles of one run on this machine. Nothing here is a test."""

"""Real classes that tests and the demonstration share; nothing in production imports them."""

"""The visitor's touchscreen: what the gate says, as words, shapes and colours."""

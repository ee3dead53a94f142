"""What the four processes say to each other: messages, framing, the preview's memory, the sentences."""

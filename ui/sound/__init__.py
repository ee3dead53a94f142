"""What the screen says aloud: which tone and which sentences (pure), and the player that makes them heard."""

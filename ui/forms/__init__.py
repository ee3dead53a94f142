"""Forms at the screen: a visitor's way through one, and how each of its pages looks, without Qt."""

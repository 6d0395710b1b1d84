"""Input and output rails."""

"""Runs a turn: decides, calls the others, owns no state."""

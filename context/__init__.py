"""Conversations, and what of them the model gets to see."""

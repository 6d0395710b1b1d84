"""The generated corpus: dialogues in English and Chinese, made from patterns, word pools and random values."""

"""Makes the bundled model `tokenloom-mini`: corpus, tokenizer, training, export and its held-out suite."""

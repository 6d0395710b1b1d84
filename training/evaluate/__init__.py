"""The held-out suite: names, cities, sentence patterns and requests that the corpus generator never makes."""

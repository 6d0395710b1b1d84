"""BLEU and ROUGE-L, as their papers define them, on words of English and characters of Chinese."""

from __future__ import annotations

import math
import re
from collections import Counter


def words(text: str) -> list[str]:
    """Lower-case words, digits and punctuation marks; each Chinese character alone."""
    return re.findall(r"[a-z]+|\d|[^\sa-z\d]", text.lower())


def bleu(pairs: list[tuple[str, str]]) -> float:
    """Corpus BLEU-4 of (answer, reference) pairs, 0 to 1, unsmoothed (Papineni et al., 2002)."""
    matched, total = [0] * 4, [0] * 4
    ours = theirs = 0
    for answer, reference in pairs:
        a, r = words(answer), words(reference)
        ours, theirs = ours + len(a), theirs + len(r)
        for n in range(1, 5):
            grams = Counter(tuple(a[i : i + n]) for i in range(len(a) - n + 1))
            known = Counter(tuple(r[i : i + n]) for i in range(len(r) - n + 1))
            matched[n - 1] += sum(min(count, known[gram]) for gram, count in grams.items())
            total[n - 1] += sum(grams.values())
    if not ours or min(matched) == 0:
        return 0.0
    precision = sum(math.log(m / t) for m, t in zip(matched, total, strict=True)) / 4
    return math.exp(min(0.0, 1 - theirs / ours) + precision)


def rouge_l(answer: str, reference: str) -> float:
    """F1 of the longest common subsequence, 0 to 1 (Lin, 2004)."""
    a, r = words(answer), words(reference)
    row = [0] * (len(r) + 1)
    for x in a:
        diagonal = 0
        for j, y in enumerate(r, 1):
            diagonal, row[j] = row[j], diagonal + 1 if x == y else max(row[j], row[j - 1])
    return 2 * row[-1] / (len(a) + len(r)) if a or r else 1.0


def repeats(text: str) -> bool:
    """Whether some run of eight words comes three times or more."""
    a = words(text)
    grams = Counter(tuple(a[i : i + 8]) for i in range(len(a) - 7))
    return any(count >= 3 for count in grams.values())

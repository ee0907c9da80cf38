"""The words that a text is found by: stems of words, and pairs of Chinese characters.

Chinese is written without spaces. Pairs of neighbouring characters find any word of two or more
without a dictionary, as search engines do (Lucene's CJK analysis). A stem stands for all forms of
an English word (Porter 2, by Snowball).
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer

PARTS = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+)|([^\W_]+)")
MOST_WORDS = 4000
"""So many words of a text are kept; what comes after them is not found."""

_stemmer = snowballstemmer.stemmer("english")


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return str(_stemmer.stemWord(word)) if word.isascii() and word.isalpha() else word


def words(text: str) -> list[str]:
    """The words of a text in their order, of one form however they were written.

    A single Chinese character is a word of its own; names such as `sw-core-01` are their parts.
    """
    found: list[str] = []
    for characters, word in PARTS.findall(unicodedata.normalize("NFKC", text).casefold()):
        if characters:
            found += [characters[i : i + 2] for i in range(max(len(characters) - 1, 1))]
        else:
            found.append(_stem(word))
    return found


def indexed(texts: Iterable[str]) -> str:
    """What the search index keeps of some texts; single Chinese characters can be found too."""
    made: list[str] = []
    for text in texts:
        for word in words(text):
            made.append(word)
            if len(word) == 2 and PARTS.fullmatch(word)[1]:  # type: ignore[index]
                made += word
        if len(made) >= MOST_WORDS:
            break
    return " ".join(made[:MOST_WORDS])

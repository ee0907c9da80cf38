"""Numbers for words that occur again and again: types, sites, sources."""

from collections.abc import Iterable
from typing import Generic, TypeVar

Word = TypeVar("Word")


class Numbering(Generic[Word]):
    """Words with numbers from 0 up, in the order of their first occurrence. Immutable."""

    def __init__(self, words: Iterable[Word] = ()) -> None:
        self.words = tuple(words)
        self.numbers = {word: number for number, word in enumerate(self.words)}

    def extended(self, words: Iterable[Word]) -> "Numbering[Word]":
        """With those of the words that are new; the same object where none is."""
        new = [word for word in dict.fromkeys(words) if word not in self.numbers]
        return Numbering((*self.words, *new)) if new else self

    def __getitem__(self, word: Word) -> int:
        return self.numbers[word]

    def __len__(self) -> int:
        return len(self.words)

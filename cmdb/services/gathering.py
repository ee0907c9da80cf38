"""Doing many small things in one commit: what comes while one commit is under way goes together.

Whoever brings something waits for the commit that holds it. So what was acknowledged is kept, and a
slow store gets fewer, larger commits instead of a queue.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, NamedTuple, TypeVar

from cmdb.services.environment import Environment

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Waiting(NamedTuple, Generic[Item, Result]):
    env: Environment
    item: Item
    size: int
    future: "Future[Result]"


class Gatherer(Generic[Item, Result]):
    """Gives what has gathered to `do`, in order, which gives a result for each.

    One thread does it. At most `most` (by the sizes given) go together.
    """

    def __init__(
        self, name: str, do: Callable[[Environment, Sequence[Item]], Sequence[Result]], most: int
    ) -> None:
        self._do, self._most = do, most
        self._lock = threading.Lock()
        self._waiting: list[_Waiting[Item, Result]] = []
        self._busy = False
        self._thread = ThreadPoolExecutor(1, name)

    def submit(self, env: Environment, item: Item, size: int = 1) -> "Future[Result]":
        """Have something done; its future ends with the commit that holds it."""
        future: Future[Result] = Future()
        with self._lock:
            self._waiting.append(_Waiting(env, item, size, future))
            if not self._busy:
                self._busy = True
                self._thread.submit(self._work)
        return future

    def _work(self) -> None:
        while batch := self._next():
            try:
                results = self._do(batch[0].env, [one.item for one in batch])
            except Exception as error:
                for one in batch:
                    one.future.set_exception(error)
            else:
                for one, result in zip(batch, results, strict=True):
                    one.future.set_result(result)

    def _next(self) -> "list[_Waiting[Item, Result]]":
        """What goes together now, all for one environment; nothing left: the thread may end."""
        with self._lock:
            taken = whole = 0
            for one in self._waiting:
                whole += one.size
                if taken and (whole > self._most or one.env is not self._waiting[0].env):
                    break
                taken += 1
            batch, self._waiting = self._waiting[:taken], self._waiting[taken:]
            self._busy = bool(batch)
            return batch

"""The kernels compiled by Numba. Importing this module compiles, or loads what is cached."""

from numba import njit

from cmdb.impact import network
from cmdb.impact.kernel import closure, propagation

_INTS = "int32[::1]"
_BYTES = "uint8[::1]"

dominators = njit(
    f"UniTuple({_INTS}, 2)({_INTS}, {_INTS}, {_INTS}, {_BYTES})", cache=True, nogil=True
)(network.dominators)

_ARGUMENTS = (
    f"int32[:, ::1], {_BYTES}, {_INTS}, {_INTS}, {_INTS}, {_INTS}, {_INTS}, {_INTS}, {_INTS},"
    f" {_INTS}, {_INTS}, {_INTS}, {_INTS}, {_BYTES}, {_INTS}"
)
propagate = njit(
    f"Tuple(({_BYTES}, {_INTS}, {_INTS}, {_BYTES}, {_INTS}, {_INTS}))({_ARGUMENTS})",
    cache=True,
    nogil=True,
)(propagation(dominators))

states = njit(f"{_BYTES}({_ARGUMENTS})", cache=True, nogil=True)(closure(dominators))

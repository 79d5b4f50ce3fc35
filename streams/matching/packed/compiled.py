"""The one place that knows numba: functions over arrays, compiled when they are first called.

numba has no types, so they end here. Nothing is compiled, and no directory is looked at, when a module is imported.
"""

import pickle
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba

from config.logging import get_logger

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

log = get_logger(__name__)

# What a cache that cannot be written or read back raises. The kernels themselves raise none of these.
NO_CACHE = (OSError, EOFError, RuntimeError, pickle.PickleError)


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function at its first call, without the GIL held while it runs.

    The machine code is kept beside the module, or where NUMBA_CACHE_DIR says, or, where the program's directory is
    read-only, in the user's cache directory. Where none of them works it is compiled anew by every process: slower
    to start, never a reason not to.
    """
    return cast(Callable[P, R], _Kernel(function))


def part(function: F) -> F:
    """Make a function callable from kernels, as a part of them."""
    return numba.extending.register_jitable(function)


class _Kernel:
    def __init__(self, function: Callable[..., Any]) -> None:
        self.__doc__ = function.__doc__
        self._function = function
        self._compiled: Callable[..., Any] | None = None

    def __call__(self, *args: Any) -> Any:
        if self._compiled is not None:
            return self._compiled(*args)
        return self._first(args)

    def _first(self, args: tuple[Any, ...]) -> Any:
        try:
            compiled = numba.njit(cache=True, nogil=True)(self._function)
            answer = compiled(*args)
        except NO_CACHE as error:
            log.warning("kernel.not_cached", kernel=self._function.__name__, error=str(error))
            compiled = numba.njit(nogil=True)(self._function)
            answer = compiled(*args)
        self._compiled = compiled
        return answer

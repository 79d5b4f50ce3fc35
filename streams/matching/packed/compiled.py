"""The one place that knows numba: functions over arrays, compiled when they are first called.

Nothing is compiled, and no directory is looked at, when a module is imported.
"""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from config.logging import get_logger

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=np.generic)

log = get_logger(__name__)

# What a cache raises that cannot be written or read back. The kernels themselves raise none of these.
NO_CACHE = (OSError, EOFError, RuntimeError, pickle.PickleError)


def keep_in(directory: Path) -> None:
    """Have machine code kept in a directory, by this process and before the first kernel is called."""
    config: Any = numba.config
    config.CACHE_DIR = str(directory)


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function at its first call; it runs without holding the interpreter's lock.

    The machine code is kept where NUMBA_CACHE_DIR says, else beside the module, else, where the program's directory is
    read-only, in the user's cache directory. Where none of them works every process compiles anew, some seconds:
    a reason to start slowly, never not to start.
    """
    return cast(Callable[P, R], _Kernel(function))


def part(function: Callable[P, R]) -> Callable[P, R]:
    """Let kernels call a function, as a part of them; called from Python it is a plain function."""
    return numba.extending.register_jitable(function)


def fixed(values: NDArray[Any], kind: type[S]) -> NDArray[S]:
    """Return a read-only view for kernels, a copy only where the type or the layout differs.

    An array that may be written has another compiled type than one that may not, as a file mapped read-only is. With
    all of them read-only a kernel is compiled once.
    """
    view = np.require(values, kind, ["C", "A"]).view(np.ndarray)
    view.flags.writeable = False
    return view


@part
def whole(word: np.uint32) -> int:
    """Return a word as a number that kernels count with: unsigned and signed together would become a float."""
    return np.int64(word)  # type: ignore[return-value]  # an int to whoever calls this from Python


class _Kernel:
    def __init__(self, function: Callable[..., Any]) -> None:
        self.__doc__ = function.__doc__
        self._function = function
        self._compiled: Any = None

    def __call__(self, *args: Any) -> Any:
        return self._first(args) if self._compiled is None else self._compiled(*args)

    def _first(self, args: tuple[Any, ...]) -> Any:
        try:
            compiled = numba.njit(cache=True, nogil=True)(self._function)
            answer = compiled(*args)
        except NO_CACHE as error:
            log.warning("kernel.not_kept", kernel=self._function.__qualname__, error=str(error))
            compiled = numba.njit(nogil=True)(self._function)
            answer = compiled(*args)
        self._compiled = compiled
        return answer

"""The compiled functions of the packed index, and how often each was compiled."""

from streams.matching.packed import base, compiled, filing, merging, ranking, rows, unfiling

MODULES = (base, filing, merging, ranking, rows, unfiling)


def variants() -> list[int]:
    """For each kernel, for how many combinations of types it has been compiled or loaded in this process."""
    kernels = (
        one for module in MODULES for one in vars(module).values() if isinstance(one, compiled._Kernel)
    )
    return [0 if one._compiled is None else len(one._compiled.signatures) for one in kernels]

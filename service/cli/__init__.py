"""The command line ``zhengda``; the commands are in docs/faces.md."""

import sys
from collections.abc import Sequence

from service.cli.failures import CommandFailed, NotStarted


def main() -> None:
    """Run ``zhengda`` with the process's arguments and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(argv: Sequence[str], face: object = None) -> int:
    """Run one command.

    Args:
        argv: the arguments after the program's name.
        face: the `service.cli.face.Face` to run it with, the real one by default.

    Returns:
        The exit code: 0 done, 1 refused or failed, 2 wrong use, 3 out of time, 4 the service cannot be reached,
        5 some rows of a list were refused.
    """
    # Typer, rich and httpx are loaded for a command, not for whoever imports this package.
    from service.cli.app import app
    from service.cli.face import Face

    world = face if isinstance(face, Face) else Face()
    try:
        app(args=list(argv), prog_name="zhengda", obj=world)
    except CommandFailed as exc:
        lines = str(exc).splitlines() if isinstance(exc, NotStarted) else [str(exc)]
        for line in lines:
            world.err.print(" ".join(line.split()), style="red", markup=False)
        return exc.exit_code
    except BrokenPipeError:
        # The reader of our output has gone (`zhengda ledger | head`): there is nobody left to tell.
        sys.stderr.close()
        return 1
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else 1
    return 0

"""How conjunctions are written as 32-bit words: what each bit means.

A *body* is clauses and excluded tokens, one word a token. The last token of a clause is marked LAST; an excluded token
is a clause of its own that must not be there, marked EXCLUDED and LAST.

In a row, one after the other (the delta; see `rows`):

    query, words of the record, body

Filed under tokens that are known to be there (the base; see `base`), where the clauses of those tokens are left out:

    query                                 nothing is left to ask
    query | MORE, body                    the body's last word is marked END
    query | APART, place in ``bodies``    there: the body's length, body
"""

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]
Places = NDArray[np.int64]
Bits = NDArray[np.uint8]

TOKENS = 1 << 24
"""Token numbers are below this: there are arrays by token, so a vocabulary gives dense numbers."""

QUERIES = 1 << 30
"""Query numbers are below this."""

MOST_WORDS = (1 << 32) - 1
"""Places among words are words themselves."""

ALWAYS = 0
"""The token that is there whatever is asked."""

LAST = 1 << 31
EXCLUDED = 1 << 30
END = 1 << 29
TOKEN = TOKENS - 1

APART = 1 << 31
MORE = 1 << 30
QUERY = QUERIES - 1

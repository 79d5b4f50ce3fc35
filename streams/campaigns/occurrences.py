"""On which occasion a campaign pushes: a word, with what tells it from the others of its kind, parted by colons.

==================================== ==================================================================================
occurrence                           when
==================================== ==================================================================================
``policy``                           a revision is released
``repeal``                           it is repealed
``reminder:<working days>:<closes>`` so many working days before the application window closes
``effective:<date>``                 it takes effect
``expiry:<date>``                    its validity has ended
``tracking:<n>``                     time for an interpretation of how it is applied (跟踪解读), told to the agency
``interpretation:<id>:<rev>``        an interpretation is released after its policy
``faq:<id>:<rev>``                   … or answers to frequent questions are
``relay:<relay_id>``                 an association hands it on to its members
``digest:<date>``                    no policy's: what waited for that day's boundary goes out as one message
==================================== ==================================================================================
"""

from collections.abc import Mapping

POLICY = "policy"
REPEAL = "repeal"
REMINDER = "reminder"
EFFECTIVE = "effective"
EXPIRY = "expiry"
TRACKING = "tracking"
INTERPRETATION = "interpretation"
FAQ = "faq"
RELAY = "relay"
DIGEST = "digest"

FOLLOW_UPS = frozenset({REMINDER, EFFECTIVE, EXPIRY, INTERPRETATION, FAQ})  # to those who got the original

# For who reads Chinese: in the inbox, and where alerts name a push.
TITLES: Mapping[str, str] = {
    POLICY: "政策",
    REPEAL: "废止",
    REMINDER: "申报提醒",
    EFFECTIVE: "施行提醒",
    EXPIRY: "期满告知",
    TRACKING: "跟踪解读",
    INTERPRETATION: "解读",
    FAQ: "问答",
    RELAY: "接力",
    DIGEST: "汇总",
}


def kind_of(occurrence: str) -> str:
    """Return the first word of an occurrence."""
    return occurrence.partition(":")[0]


def title_of(occurrence: str) -> str:
    """Return an occurrence's title in Chinese; itself where its kind is unknown."""
    return TITLES.get(kind_of(occurrence), occurrence)

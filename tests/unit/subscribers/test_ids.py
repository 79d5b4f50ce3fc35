"""Ids made from names are those of RFC 4122, so that what is stored stays what it was."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from subscribers.ids import id_from


@given(st.uuids(), st.text())
def test_an_id_is_the_uuid_of_version_five(namespace: uuid.UUID, name: str) -> None:
    try:
        expected = str(uuid.uuid5(namespace, name))
    except UnicodeEncodeError:
        return
    assert id_from(namespace, name) == expected

import pytest
from cryptography.fernet import Fernet

from subscribers.contacts import Vault, VaultError
from subscribers.errors import AddressError

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def vault(keys: str = OLD) -> Vault:
    return Vault(keys, index_key=b"i" * 32, root=b"r" * 32)


def test_a_contact_opens_with_its_key_and_never_repeats_itself() -> None:
    key, wrapped = vault().new_data_key()
    first, second = (vault().encrypt(key, "s1", "email", "a@example.com") for _ in range(2))
    assert first != second
    assert vault().decrypt(vault().unwrap(wrapped), "s1", "email", first) == "a@example.com"


@pytest.mark.parametrize(("subscriber_id", "channel"), [("s2", "email"), ("s1", "sms")])
def test_a_contact_moved_to_another_row_does_not_open(subscriber_id: str, channel: str) -> None:
    key, _ = vault().new_data_key()
    sealed = vault().encrypt(key, "s1", "email", "a@example.com")
    with pytest.raises(VaultError, match="does not open"):
        vault().decrypt(key, subscriber_id, channel, sealed)


def test_a_changed_contact_does_not_open() -> None:
    key, _ = vault().new_data_key()
    sealed = bytearray(vault().encrypt(key, "s1", "email", "a@example.com"))
    sealed[-1] ^= 1
    with pytest.raises(VaultError):
        vault().decrypt(key, "s1", "email", bytes(sealed))


def test_the_newest_master_key_wraps_and_the_old_one_still_unwraps() -> None:
    key, wrapped = vault().new_data_key()
    both = vault(f"{NEW},{OLD}")
    assert both.unwrap(wrapped) == key
    assert vault(NEW).unwrap(both.rewrapped(wrapped)) == key
    for refused in (vault(NEW).unwrap, vault(NEW).rewrapped):
        with pytest.raises(VaultError, match="no master key opens"):
            refused(wrapped)


def test_the_blind_index_knows_an_address_again_and_keeps_channels_apart() -> None:
    index = vault().blind_index("email", "Firm@Example.com")
    assert index == vault(NEW).blind_index("email", "firm@example.com")
    assert len(index) == 64
    assert vault().blind_index("sms", "138 0013 8000") == vault().blind_index("sms", "+8613800138000")
    assert index != Vault(OLD, index_key=b"j" * 32, root=b"r" * 32).blind_index("email", "firm@example.com")
    with pytest.raises(AddressError):
        vault().blind_index("email", "nobody")


def test_derived_keys_differ_by_purpose_and_outlive_the_master_keys() -> None:
    assert vault().derive("a") == vault(NEW).derive("a") != vault().derive("b")
    assert len(vault().derive("a")) == 32


@pytest.mark.parametrize("keys", ["", " , ", "short"])
def test_useless_master_keys_are_refused(keys: str) -> None:
    with pytest.raises(VaultError):
        vault(keys)


def test_no_secret_shows_in_a_printed_vault() -> None:
    assert OLD not in repr(vault())
    assert "rrrr" not in repr(vault())

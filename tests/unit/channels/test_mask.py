import pytest

from channels.mask import mask_address, mask_contacts, mask_link


@pytest.mark.parametrize(
    ("clear", "masked"),
    [
        ("anna@example.cn", "a***@e***.cn"),
        ("a@mail.example.gov.cn", "a***@m***.cn"),
        ("root@localhost", "r***@l***"),
        ("13812340000", "138****0000"),
        ("+8613812340000", "138****0000"),
        ("ent-1", "e***"),
        ("", "***"),
    ],
)
def test_an_address_is_recognised_by_its_owner_only(clear: str, masked: str) -> None:
    assert mask_address(clear) == masked


def test_a_servers_words_lose_the_addresses_in_them() -> None:
    words = "550 5.1.1 <anna@example.cn>: unknown; call 13812340000 or see RFC 5321"
    assert mask_contacts(words) == "550 5.1.1 <a***@e***.cn>: unknown; call 138****0000 or see RFC 5321"


@pytest.mark.parametrize("end", ["", "/", "?a=secret", "/?x=1#secret"])
def test_an_unsubscribe_link_loses_its_token(end: str) -> None:
    assert (
        mask_link(f"https://push.example.cn/unsubscribe/secret{end}")
        == "https://push.example.cn/unsubscribe/***"
    )


def test_a_number_with_its_country_code_is_masked_in_a_text_too() -> None:
    assert mask_contacts("to +8613812345678, 8613812345678") == "to +86138****5678, 86138****5678"

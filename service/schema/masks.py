"""How a telephone number looks to those who may not see it, in SQL, so that it is never sent."""

# ITU-T E.164: the countries whose codes have one or two digits; all others have three.
_COUNTRY = (
    "1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    "|(?:2[1-689]|3[578]|42|5[09]|6[7-9]|8[035789]|9[679])[0-9]"
)
_LONG = f"^[+]({_COUNTRY})([0-9]{{3}})[0-9]{{3,}}([0-9]{{4}})$"
_SHORT = f"^[+]({_COUNTRY})[0-9]*([0-9]{{2}})$"


def masked_phone(number: str) -> str:
    """Write the masked form of an E.164 expression: `+86 138****5678`, less of a short number."""
    long = rf"regexp_replace({number}, '{_LONG}', '+\1 \2****\3')"
    return rf"regexp_replace({long}, '{_SHORT}', '+\1 ****\2')"


def masked_phones(numbers: str) -> str:
    """Write the masked forms of an array of numbers, in its order."""
    one = masked_phone("u.number")
    return (
        f"ARRAY(SELECT {one} FROM unnest({numbers}) WITH ORDINALITY u (number, place)"
        " ORDER BY u.place)"
    )

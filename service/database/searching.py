"""How a name is found by any part of it, under row security: the one form of a searched text.

A search compares forms, never names: compatibility characters are made plain (NFKC, so that full
and half width are one), letters are small, runs of blanks are one blank. The collation is named,
so that every server makes the same form.

Row security lets only leakproof comparisons be conditions of an index; containment, LIKE and
trigrams are none. What stands anywhere in a name begins one of the name's ends, and beginning
with a text is a range, which is leakproof. So an index of the ends serves every search.
"""

from typing import Final

from service.database.tables import SCHEMA

LONGEST_KEY: Final = 32
"""Characters of a name's end that are compared; a longer word is found by these."""

MOST_KEYS: Final = 64
"""A name is found by what begins among its first so many characters."""

SEARCH_FUNCTIONS: Final = (
    f"""
CREATE FUNCTION {SCHEMA}.search_form(given text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT btrim(regexp_replace(
        lower(normalize(given, NFKC) COLLATE pg_c_utf8), '[[:space:]]+', ' ', 'g'))
$$
""",
    f"""
CREATE FUNCTION {SCHEMA}.search_word(given text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT left({SCHEMA}.search_form(given), {LONGEST_KEY})
$$
""",
    f"""
CREATE FUNCTION {SCHEMA}.search_keys(given text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT coalesce(array_agg(DISTINCT rtrim(substr(f.form, n, {LONGEST_KEY}))), '{{}}')
    FROM (SELECT {SCHEMA}.search_form(given) AS form) f,
         generate_series(1, least(char_length(f.form), {MOST_KEYS})) n
    WHERE substr(f.form, n, 1) <> ' '
$$
""",
)
"""`search_form`; `search_word`, what a word of a search is compared as; `search_keys`, the ends."""

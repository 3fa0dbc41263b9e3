"""Print the schema to `schema.graphql` and its reference to `docs/`, or check both.

`python -m service.schema.printed --check` is part of the checks; `--write` after a change.
"""

import sys

from graphql import build_schema, lexicographic_sort_schema, print_schema
from strawberry.printer import print_schema as strawberry_print_schema

from service.schema import definition as service_schema
from service.schema.description import FILE
from service.schema.reference import pages as reference


def printed() -> str:
    """Return the schema as text, sorted, with descriptions.

    Only the print is sorted, from its own text: sorting the running schema breaks its enumerations.
    """
    text = strawberry_print_schema(service_schema.build_schema())
    # What was a schema a line above is one; that the file is one is the linting's to see.
    read = build_schema(text, assume_valid_sdl=True, no_location=True)
    return print_schema(lexicographic_sort_schema(read)) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check the files; the exit code is 1 when one of them differs."""
    text = printed()
    if arguments == ["--write"]:
        FILE.write_text(text, "utf-8")
        reference.write(text)
        return 0
    if arguments != ["--check"]:
        sys.stderr.write("Say --check or --write.\n")
        return 2
    same = FILE.exists() and FILE.read_text("utf-8") == text
    wrong = [] if same else ["service/schema/schema.graphql"]
    wrong += [f"docs/reference/{name}" for name in reference.differing(text)]
    for name in wrong:
        sys.stderr.write(f"{name} differs from the code; run --write and review the change.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

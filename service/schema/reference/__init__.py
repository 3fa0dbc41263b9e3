"""The reference in `docs/reference/`: pages written from the schema and the catalogue of codes.

`python -m service.schema.printed --write` makes them beside `schema.graphql`; `--check` compares
both. Nothing in those pages is written by hand; what they lack is missing in a description.
"""

"""The tenant's rulebook as data: language, checks, compilers.

Pure: text, facts and parameters in; documents, problems and outcomes out. No I/O, clock or chance.
`drafts` is the door for whoever writes one: look it over, propose its tests.

`reading` (with `folding`) and `document` turn YAML or JSON into a `Document` with positions;
`grammar` reads its condition lines and `settling` types them; `meaning` is the typed whole.
`checks` lists what forbids publishing (exactly: `reachability` over `diagrams`), `warnings` what
deserves a look; `trials` runs the document's own tests, `proposing` finds what `goals` they lack.

Four back ends decide alike, three of them from `resolving`, which puts the parameters in:
`compiler` makes the functions of a `Rulebook`, which decides, traces (`evaluating`) and speaks;
`sql` prints a CASE for PostgreSQL, `frames` makes a Polars expression. `cel` prints conditions for
a judge that others wrote. What a document may speak of is product code, in `vocabulary`.
"""

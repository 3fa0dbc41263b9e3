"""The tenant's rulebook as data: language, checks, compiler.

Pure: text, facts and parameters in; documents, problems and outcomes out. No I/O, clock or chance.
`reading` and `document` turn YAML or JSON into a `Document` with positions; `grammar` reads its
condition lines and `settling` types them; `meaning` is the typed whole. `checks` lists what forbids
publishing (exactly: `reachability` over `diagrams`), `trials` runs the document's own tests,
`compiler` makes the functions of a `Rulebook`, which decides, traces and speaks; `cel` prints
conditions for a second judge. What a document may speak of is product code, in `vocabulary`.
"""

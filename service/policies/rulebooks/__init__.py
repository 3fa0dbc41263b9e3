"""The tenant's rulebook as data: language, checks, compilers.

Pure: text, facts and parameters in; documents, problems and outcomes out. No I/O, clock or chance.
`reading` and `document` turn YAML into a `Document` with positions; `grammar` and `typing_rules`
read its conditions; `checks` lists what is wrong with it; `compiler` makes the Python functions of
a `Rulebook`, `tracing` the reason behind one decision; `trials` runs the document's own tests.
The words a document may use are product code, in `vocabulary`.
"""

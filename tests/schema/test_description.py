"""The schema is public documentation: anybody may read it, and ask whether it has changed."""

from builders.api import Api
from graphql import build_schema


async def test_the_schema_is_served_to_anybody_and_only_once(api: Api) -> None:
    plain = {"Accept-Encoding": "identity"}
    answer = await api.send("GET", "/schema.graphql", headers=plain)
    small = await api.send("GET", "/schema.graphql", headers={"Accept-Encoding": "gzip"})
    tag = answer.headers["etag"]
    again = await api.send("GET", "/schema.graphql", headers={"If-None-Match": tag})

    assert answer.status_code == 200
    assert (small.text, small.headers["content-encoding"]) == (answer.text, "gzip")
    assert int(small.headers["content-length"]) < len(answer.content) / 4
    assert "recordArrival" in build_schema(answer.text).mutation_type.fields
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)

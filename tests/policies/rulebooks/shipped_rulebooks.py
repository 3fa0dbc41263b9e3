"""The texts of every rulebook the product ships, by the name of its file."""

from pathlib import Path

SHIPPED = {
    file.stem: file.read_text("utf-8")
    for file in (Path(__file__).parents[3] / "policies/rulebooks").glob("*.yaml")
}

"""A second showroom, written from the rulebook's tables alone, and stories played in both.

Nothing of the product is imported by `tables`, `books`, `floor`, `quarrels`, `showroom` and
`tales`: what both agree on, two authors have read alike.
"""

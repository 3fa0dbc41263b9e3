"""Replays a period's events in memory under any version of a rulebook. No I/O, no clock, no chance.

Queue, busy states, ownership, tracking, claims and credit follow from the replayed decisions, so a
change feeds back. What decides are the very functions the commands call: the reception's, those of
ownership, and the compiled rulebook. Facts are finite, so each case is decided once and then
remembered by its pattern, of which counts what can decide; who is meant by it is filled in
afterwards.

People do in a replay what they did: they come, wait, name, leave and follow up at the same
instants. Who owns the customer in the replay makes the entry and the contacts that the owner made.

Its modules are compiled by `make compiled`, and found first where they are of the present text.
"""

from pathlib import Path

from service.compiled import compiled

__path__[:0] = compiled(Path(__file__).parent)

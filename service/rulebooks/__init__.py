"""A tenant's rulebook: drafts on their way into force, and versions that decide in their windows.

Draft: DRAFT -> SUBMITTED -> APPROVED, or back to DRAFT; REJECTED -> DRAFT by writing in it;
DISCARDED. Approved by nobody who wrote in it, as the text whose digest was read. Version:
scheduled -> in force -> superseded, all by the clock; RETIRED where it was taken back before it
began. Its document and its beginning never change, its end is moved by what is published later;
windows of one place never overlap. A site's own version beats the company's until it ends. The
version in force at an event's own time decides.
"""

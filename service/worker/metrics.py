"""What a worker counts of its own work."""

from service.telemetry.metrics import Counter, Gauge, Histogram

PIECES = Counter(
    "worker_pieces_total",
    "Timers fired and events published, by kind; failed ones are left alone for 30 seconds.",
    ("work", "outcome"),
)
SECONDS = Histogram("worker_piece_seconds", "How long one of them took.", ("work",))
PASSED = Gauge("worker_passed_timestamp_seconds", "When the worker last looked at everything due.")
LOST = Counter("worker_database_lost_total", "Passes that were given up for want of the database.")
CHORES = Counter(
    "worker_chores_total", "What is done every so often, by name.", ("chore", "outcome")
)

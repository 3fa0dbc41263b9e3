"""Deadlines as rows: judged by the clock when read, made visible by the worker (TM-8)."""

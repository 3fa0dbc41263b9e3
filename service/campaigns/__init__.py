"""Campaigns: what is done to bring customers, what it costs, and whom it brought (3-3, 13-1).

A campaign is planned, runs and ends by its days; cancelled it brings nobody any more from that day.
What it brought is a ledger of touches and what it cost a ledger of costs: both are only added to,
each line from a day on, so that the figures of a past day stay what they were.
"""

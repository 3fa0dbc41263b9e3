"""Who receives a visitor: the queue as a value, its operators, and the decision. Pure.

No rule of a showroom stands here. The rulebook names operators (next in turn, last in turn, the
owner); these modules say what each of them picks.
"""

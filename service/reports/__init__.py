"""Reports with pictures: drawn from figures that are read already, in a process of their own."""

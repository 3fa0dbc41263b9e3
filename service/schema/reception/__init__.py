"""A site's day in the API: sites, the live queue, visits, calls, and what is done to them."""

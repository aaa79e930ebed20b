"""Open edX: the client (one function that speaks), and what is read and written through it."""

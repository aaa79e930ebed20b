"""A pretend Open edX (Teak) over its own database, spoken to in HTTP requests, with no sockets of its own."""

"""A pretend Moodle 4.5 and Open edX Teak with their real quirks, for demo, training and tests; see README.md."""

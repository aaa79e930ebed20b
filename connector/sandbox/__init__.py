"""A pretend Moodle 4.5 with its real quirks, for the demo, for training and for tests; see README.md."""

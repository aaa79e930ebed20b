"""What keeps the checkout honest: generated files, the message catalogue, the coverage gate. Run by the Makefile."""

"""What the client of every platform needs on the wire: exchanges, outages, ceilings, and reads side by side."""

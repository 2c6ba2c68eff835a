"""The network, what it reads, what it should answer, and how its scores become spans."""

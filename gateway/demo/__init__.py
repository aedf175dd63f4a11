"""The whole idea as one story on one machine, in which the program checks its own every word."""

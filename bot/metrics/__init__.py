"""Numbers for machines: each seat's books, counts and processes in the words of Prometheus."""

"""What is measured, and how: `python -m bench`. Nothing here is a stored result."""

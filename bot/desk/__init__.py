"""The owner's desk: a page in the browser that shows a home's seats and takes the owner's word."""

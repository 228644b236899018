"""Recordings of the site's pages, with every personal value replaced before it is kept."""

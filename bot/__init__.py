"""Leadwright: an agent that works InMail campaigns on a Sales Navigator seat."""

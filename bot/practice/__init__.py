"""A Sales Navigator to practise on: a model of the site, and a server that shows it.

It keeps the truth (who got what, when, what it cost), so it never imports the agent, the
rules or the pages: the site must not share the agent's mistakes.
"""

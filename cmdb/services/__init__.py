"""Use cases: what HTTP, command line, web pages and jobs all call."""

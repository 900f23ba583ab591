"""Where the pure and the effects meet: one module a verb, readable like the picture in the docs."""

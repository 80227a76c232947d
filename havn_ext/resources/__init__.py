"""One module for each webhook. Each class serves both clients.

A method checks nothing and sends nothing itself: it hands a flow to the client's driver. What the driver
makes of it, a result or an awaitable of it, is the class's type parameter, so the signature, the
docstring and the types of a call stand once.
"""

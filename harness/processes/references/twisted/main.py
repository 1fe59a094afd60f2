"""Twisted's reactors with the replies of our apps `fixed` and `http`, to compare with."""

import os
import socket
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
from child import BODY, END_OF_REQUEST, FIXED_REPLY, MOST_REQUEST_BYTES, run


def serve(ask, listener, control):
    import importlib

    # One reactor a process, installed before anything else of Twisted is imported: selectreactor and so on.
    importlib.import_module("twisted.internet.%sreactor" % ask["poller"]).install()
    from twisted.internet import reactor

    factory = {"fixed": fixed_factory, "http": http_factory}[ask["app"]]()
    # It makes a socket of its own for the same listening port.
    reactor.adoptStreamPort(listener.fileno(), socket.AF_INET, factory)
    listener.close()
    reactor.addReader(watched(control))
    # Without handlers of its own: an interrupt is the parent's to judge.
    return lambda: reactor.run(installSignalHandlers=False)


def watched(control):
    from twisted.internet.interfaces import IReadDescriptor
    from zope.interface import implementer

    @implementer(IReadDescriptor)
    class Watched:
        def fileno(self):
            return control.fileno()

        def logPrefix(self):
            return "control"

        def doRead(self):
            control.answer()

        def connectionLost(self, reason):
            os._exit(0)

    return Watched()


def fixed_factory():
    from twisted.internet.protocol import Factory, Protocol

    class Fixed(Protocol):
        def connectionMade(self):
            self.pending = b""

        def dataReceived(self, data):
            *requests, self.pending = (self.pending + data).split(END_OF_REQUEST)
            if requests:
                self.transport.write(FIXED_REPLY * len(requests))
            if len(self.pending) > MOST_REQUEST_BYTES:
                self.transport.abortConnection()

    return Factory.forProtocol(Fixed)


def http_factory():
    from twisted.web.resource import Resource
    from twisted.web.server import Site

    class Hello(Resource):
        isLeaf = True

        def render_GET(self, request):
            request.setHeader(b"Content-Type", b"text/plain")
            return BODY

    class QuietSite(Site):
        """Without the access log and the clock that ticks every second for it."""

        def log(self, request):
            pass

        def _updateLogDateTime(self):
            pass

    # Idle connections are what is measured: they stay.
    return QuietSite(Hello(), timeout=None)


run(serve)

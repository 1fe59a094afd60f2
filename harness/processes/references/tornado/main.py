"""Tornado's own servers with the replies of our apps `fixed` and `http`, to compare with."""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
from child import BODY, END_OF_REQUEST, FIXED_REPLY, MOST_REQUEST_BYTES, run


def serve(ask, listener, control):
    import asyncio
    import selectors

    # Tornado runs on asyncio's loop, which waits with the selector that it is given: SelectSelector and so on.
    selector = getattr(selectors, "%sSelector" % ask["poller"].capitalize())
    loop = asyncio.SelectorEventLoop(selector())
    asyncio.set_event_loop(loop)
    {"fixed": fixed_server, "http": http_server}[ask["app"]]().add_socket(listener)
    loop.add_reader(control.fileno(), control.answer)
    return loop.run_forever


def fixed_server():
    from tornado.iostream import StreamClosedError
    from tornado.tcpserver import TCPServer

    class FixedServer(TCPServer):
        async def handle_stream(self, stream, address):
            try:
                while True:
                    await stream.read_until(END_OF_REQUEST, max_bytes=MOST_REQUEST_BYTES)
                    await stream.write(FIXED_REPLY)
            except StreamClosedError:
                pass

    return FixedServer()


def http_server():
    from tornado.httpserver import HTTPServer
    from tornado.httputil import HTTPHeaders, ResponseStartLine

    # A callback alone: the routes, templates and ETags of tornado.web have no counterpart in ours.
    def answer(request):
        headers = HTTPHeaders({"Content-Type": "text/plain", "Content-Length": str(len(BODY))})
        request.connection.write_headers(ResponseStartLine("HTTP/1.1", 200, "OK"), headers, BODY)
        request.connection.finish()

    return HTTPServer(answer)


run(serve)

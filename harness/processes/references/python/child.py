"""What a reference server in Python does as a child of the harness: the other end of control/messages.ts."""

import ctypes
import json
import os
import signal
import socket
import sys
import threading

CONTROL_FD = 3
PR_SET_PDEATHSIG = 1
BACKLOG = 4096

BODY = b"Hello, world"
END_OF_REQUEST = b"\r\n\r\n"
MOST_REQUEST_BYTES = 65536
FIXED_REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Control:
    """The parent. A loop watches its fd and calls `answer` when there is something to read."""

    def __init__(self):
        self._pending = b""

    def fileno(self):
        return CONTROL_FD

    def receive(self):
        """Requests that have come. Ends the process when the parent has hung up."""
        arrived = os.read(CONTROL_FD, 65536)
        if not arrived:
            # Without a farewell to open connections: the kernel closes them.
            os._exit(0)
        *lines, self._pending = (self._pending + arrived).split(b"\n")
        return [json.loads(line) for line in lines]

    def answer(self):
        for request in self.receive():
            self.refuse(request["id"], _why_not(request["do"]))

    def send(self, reply):
        line = json.dumps(reply).encode() + b"\n"
        while line:
            line = line[os.write(CONTROL_FD, line):]

    def refuse(self, request_id, why):
        self.send({"id": request_id, "ok": False, "error": why})


def run(serve):
    """
    Waits for `start`, lets serve(ask, listener, control) make the server, and runs the loop that it returns. What that
    fails with is told to the parent as the reason of the end, instead of as a stack trace to the user.
    """
    _belong_to_parent()
    control = Control()
    ask = _started_with(control)
    try:
        _settle(ask)
        listener = _listen(ask)
        port = listener.getsockname()[1]
        run_loop = serve(ask, listener, control)
        control.send({"id": ask["id"], "ok": True, "port": port})
        run_loop()
    except Exception as error:
        control.refuse(0, "%s: %s" % (type(error).__name__, error))
        sys.exit(1)


def _started_with(control):
    """The first request to start; everything else is refused, before it and behind it."""
    ask = None
    while ask is None:
        for request in control.receive():
            if ask is None and request["do"] == "start":
                ask = request
            else:
                control.refuse(request["id"], _why_not(request["do"]))
    return ask


def _why_not(request):
    if request in ("start", "snapshot", "use"):
        return "a reference server starts once, keeps no counters and has one poller"
    return "unknown request '%s'" % request


def _belong_to_parent():
    """The kernel ends this process with its parent; Ctrl-C, which reaches the whole group, is the parent's to judge."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)


def _settle(ask):
    if ask["cpu"] is not None:
        os.sched_setaffinity(0, [ask["cpu"]])
    # One thread has its file table to itself; a second one, which sleeps for ever, shares it.
    if ask["fileTable"] == "shared":
        threading.Thread(target=threading.Event().wait, daemon=True).start()


def _listen(ask):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Linux hands it on to the sockets that it accepts.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((ask["host"], ask["port"]))
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener

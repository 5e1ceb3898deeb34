"""A mail server of the tests' own: it takes every mail and keeps it."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ANSWERS = {"EHLO": "250 mailbox", "MAIL": "250 OK", "RCPT": "250 OK", "DATA": "354 Go on", "QUIT": "221 Bye"}


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._says("220 mailbox")
        while line := self.rfile.readline():
            word = line[:4].decode().upper()
            self._says(ANSWERS.get(word, "250 OK"))
            if word == "DATA":
                self._takes_the_mail()
            elif word == "QUIT":
                return

    def _takes_the_mail(self) -> None:
        lines = iter(self.rfile.readline, b".\r\n")
        self.server.mails.append(b"".join(lines).decode())  # type: ignore[attr-defined]
        self._says("250 Taken")

    def _says(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@contextmanager
def mailbox(port: int) -> Iterator[list[str]]:
    """Yield the mails as they come in, for as long as the server runs."""
    with _Server(("127.0.0.1", port), _Conversation) as server:
        server.mails = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.mails  # type: ignore[attr-defined]
        finally:
            server.shutdown()

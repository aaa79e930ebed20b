"""A mail server on the loopback: takes messages as RFC 5321 says, without encryption, and keeps them."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, TCPServer
from threading import Thread


class _Session(StreamRequestHandler):
    server: "MailServer"

    def handle(self) -> None:
        self._say("220 mail.invalid")
        while line := self.rfile.readline():
            verb = line.split()[0].upper()
            if verb == b"DATA":
                self._say("354 go on")
                self.server.keep(b"".join(iter(self.rfile.readline, b".\r\n")))
            answers = {b"QUIT": "221 bye", b"RCPT": "550 nobody" if self.server.refuses else "250 ok"}
            known = verb in (b"EHLO", b"HELO", b"MAIL", b"RCPT", b"DATA", b"RSET", b"QUIT")
            self._say(answers.get(verb, "250 ok") if known else "502 not known here")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class MailServer(TCPServer):
    """Listens from `start` to `stop`; `refuses` every recipient where asked to."""

    def __init__(self, *, refuses: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.refuses = refuses
        self.port: int = self.server_address[1]
        self.got: list[EmailMessage] = []
        self._thread = Thread(target=self.serve_forever, args=(0.02,))

    def keep(self, text: bytes) -> None:
        """Take a message."""
        message = message_from_bytes(text, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.got.append(message)

    def __enter__(self) -> "MailServer":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

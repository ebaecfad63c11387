"""Writes down what SMTP clients and servers say on the wire: see wire.bash.

    wire.py FILE

Listens to all interfaces of its network, as root, and takes no part. One line for each that was said to or by port 25 over
IPv4, in the clear, and each end, when it is there:

    NUMBER SERVER open
    NUMBER SERVER C|S line TEXT       without CRLF; what is no printable ASCII stands as \\xHH
    NUMBER SERVER C|S part TEXT       the same, without an end of line
    NUMBER SERVER C|S fin|rst         the last line of a connection is a rst, or the second fin

NUMBER counts the connections. The first line of the file is `ready`.
"""
import socket
import struct
import sys

PORT = 25
ETH_P_ALL = 3
IPV4 = 0x0800
TCP = 6
FIN, SYN, RST = 1, 2, 4


class Side:
    """What one of the two says: octets in the order of their numbers, whatever the order in which they come."""

    def __init__(self):
        self.next = None
        self.early = {}
        self.text = b""
        self.is_over = False

    def take(self, number, payload):
        self.early[number] = max(payload, self.early.get(number, b""), key=len)
        while True:
            fitting = [at for at in self.early if (self.next - at) % 2**32 <= len(self.early[at])]
            if not fitting:
                return
            for at in fitting:
                payload = self.early.pop(at)
                fresh = payload[(self.next - at) % 2**32:]
                self.text += fresh
                self.next = (self.next + len(fresh)) % 2**32


class Wire:
    def __init__(self, out):
        self.out = out
        self.connections = {}
        self.count = 0

    def say(self, connection, *words):
        self.out.write(" ".join([str(connection["number"]), connection["server"], *words]) + "\n")
        self.out.flush()

    def say_text(self, connection, who, kind, text):
        shown = "".join(chr(c) if 32 <= c <= 126 else "\\x%02x" % c for c in text)
        self.say(connection, who, kind, shown)

    def end(self, connection, who, how):
        side = connection[who]
        if not side.is_over and side.text:
            self.say_text(connection, who, "part", side.text)
        self.say(connection, who, how)
        for each in [connection["C"], connection["S"]] if how == "rst" else [side]:
            each.is_over = True

    def segment(self, source, target, who, number, flags, payload):
        key = source + target if who == "C" else target + source
        connection = self.connections.get(key)
        if who == "C" and flags & SYN:
            if connection is not None and connection["C"].next == (number + 1) % 2**32:
                return
            self.count += 1
            connection = {"number": self.count, "server": target[0], "C": Side(), "S": Side()}
            self.connections[key] = connection
            self.say(connection, "open")
        if connection is None:
            return
        side = connection[who]
        if flags & SYN:
            side.next = (number + 1) % 2**32
            return
        if flags & RST:
            if not (connection["C"].is_over and connection["S"].is_over):
                self.end(connection, who, "rst")
            return
        if side.next is None or side.is_over:
            return
        side.take(number, payload)
        *lines, side.text = side.text.split(b"\n")
        for line in lines:
            self.say_text(connection, who, "line", line.removesuffix(b"\r"))
        if flags & FIN and (number + len(payload)) % 2**32 == side.next:
            self.end(connection, who, "fin")

    def packet(self, packet):
        if len(packet) < 20 or packet[0] >> 4 != 4 or packet[9] != TCP:
            return
        segment = packet[(packet[0] & 15) * 4:struct.unpack_from("!H", packet, 2)[0]]
        if len(segment) < 20:
            return
        here, there, number, _, offset, flags = struct.unpack_from("!HHIIBB", segment)
        source = (socket.inet_ntoa(packet[12:16]), here)
        target = (socket.inet_ntoa(packet[16:20]), there)
        payload = segment[(offset >> 4) * 4:]
        if there == PORT:
            self.segment(source, target, "C", number, flags, payload)
        elif here == PORT:
            self.segment(source, target, "S", number, flags, payload)


def main():
    listener = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write("ready\n")
        out.flush()
        wire = Wire(out)
        while True:
            packet, address = listener.recvfrom(1 << 17)
            if address[1] == IPV4:
                wire.packet(packet)


main()

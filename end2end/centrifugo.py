"""What gate/tests/centrifugo.rs holds against its double, held against a real Centrifugo (version 6).

Needs CENTRIFUGO and DOORWARD_BIN, the two programs; starts both in a folder of its own, and ends them. Prints
what was tried, and fails at the first thing that is otherwise than docs/live.md says.
"""

import base64
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

API_KEY = "the-key-of-its-api"
SECRET = "a secret of thirty-two characters"
PASSWORD = "three-quiet-otters-sing"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


DOOR, OTHER = free_port(), free_port()


def ask(method, url, body=None, headers=None):
    """Status and JSON of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    return status, json.loads(text) if text else None


def door(method, path, body=None, token=None, key=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {"X-API-Key": key} if key else {}
    return ask(method, f"http://127.0.0.1:{DOOR}/api/v1{path}", body, headers)


def eventually(what, seconds, is_so):
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        found = is_so()
        if found:
            return found
        time.sleep(0.1)
    sys.exit(f"{what}: not within {seconds} seconds")


def same(got, wanted, what):
    if got != wanted:
        sys.exit(f"{what}: {got!r}, not {wanted!r}")
    print(f"  {what}")


def is_listening(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def config():
    """As docs/live.md has it, with a history to look at afterwards."""
    at = f"http://127.0.0.1:{DOOR}/centrifugo"
    proven = {"static_headers": {"X-Centrifugo-Api-Key": API_KEY}}
    asked = {"include_connection_meta": True, "http": proven}
    return {
        "client": {
            "allowed_origins": ["*"],
            "token": {"hmac_secret_key": SECRET},
            "proxy": {
                "connect": {
                    "enabled": True,
                    "endpoint": f"{at}/connect",
                    "emulated_headers": ["Authorization"],
                    "http_headers": ["Authorization"],
                },
                "refresh": {"enabled": True, "endpoint": f"{at}/refresh", **asked},
            },
        },
        "http_api": {"key": API_KEY},
        "channel": {
            "proxy": {
                "subscribe": {"endpoint": f"{at}/subscribe", **asked},
                "sub_refresh": {"endpoint": f"{at}/sub_refresh", **asked},
            },
            "namespaces": [
                {
                    "name": name,
                    "subscribe_proxy_enabled": True,
                    "sub_refresh_proxy_enabled": True,
                    "history_size": 1000,
                    "history_ttl": "10m",
                }
                for name in ("workflow", "audit")
            ],
        },
    }


class Socket:
    """A client of its WebSocket, in JSON; one command at a time."""

    def __init__(self, headers=None):
        self.socket = socket.create_connection(("127.0.0.1", OTHER), timeout=30)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /connection/websocket HTTP/1.1",
            f"Host: 127.0.0.1:{OTHER}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            *(f"{name}: {value}" for name, value in (headers or {}).items()),
        ]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.file = self.socket.makefile("rb")
        status = self.file.readline()
        assert b" 101 " in status, status
        while self.file.readline() != b"\r\n":
            pass
        self.number, self.waiting, self.pushed = 0, [], []

    def send(self, command):
        payload = json.dumps(command).encode()
        length = len(payload)
        head = struct.pack("!BB", 0x81, 0x80 | length) if length < 126 else struct.pack("!BBH", 0x81, 0xFE, length)
        self.socket.sendall(head + bytes(4) + payload)

    def push(self):
        """The first thing that is pushed."""
        self.next(wants_push=True)
        return self.pushed[0]

    def next(self, wants_push=False):
        """The next reply; the code it was closed with, as a number. What is pushed is kept."""
        while not self.waiting:
            if wants_push and self.pushed:
                return None
            head = self.file.read(2)
            if len(head) < 2:
                return 0
            opcode, length = head[0] & 15, head[1] & 127
            if length > 125:
                size = 2 if length == 126 else 8
                length = int.from_bytes(self.file.read(size), "big")
            payload = self.file.read(length)
            if opcode == 8:
                return int.from_bytes(payload[:2], "big")
            if opcode != 1:
                continue
            for line in payload.decode().splitlines():
                reply = json.loads(line)
                if not reply:
                    self.send({})  # It asks whether we are there.
                elif "push" in reply:
                    self.pushed.append(reply["push"])
                else:
                    self.waiting.append(reply)
        return self.waiting.pop(0)

    def call(self, command):
        self.number += 1
        self.send({"id": self.number, **command})
        return self.next()

    def until_closed(self, seconds):
        self.socket.settimeout(seconds)
        while True:
            reply = self.next()
            if isinstance(reply, int):
                return reply


def history(channel):
    """The data of what it has of a channel, the oldest first."""
    status, body = ask("POST", f"http://127.0.0.1:{OTHER}/api/history", {"channel": channel, "limit": 1000}, {"X-API-Key": API_KEY})
    return [found["data"] for found in body.get("result", {}).get("publications", [])] if status == 200 else []


def suite(start_other):
    other = start_other()
    root = door("POST", "/setup", {"username": "root", "password": PASSWORD})[1]["token"]
    door("POST", "/users", {"username": "vera", "role": "developer", "password": PASSWORD}, token=root)
    session = door("POST", "/auth/login", {"username": "vera", "password": PASSWORD})[1]
    vera, vera_id = session["token"], session["user"]["id"]

    def publish(channel, data):
        status, body = door("POST", f"/channels/{channel}/messages", {"type": "step", "data": data}, token=vera)
        assert status == 201, body

    def numbers(channel):
        return [message["data"] for message in history(channel)]

    print("what is published")
    eventually("nothing waits", 30, lambda: door("GET", "/centrifugo", token=root)[1]["waiting"] == 0)
    publish("status:nothing", 0)
    for number in range(70):
        publish("workflow:1", number)
    eventually("70 messages arrive", 30, lambda: len(history("workflow:1")) >= 70)
    same(numbers("workflow:1"), list(range(70)), "arrives once and in order; what it has no namespace for is left out")
    message = history("workflow:1")[0]
    same((message["channel"], message["type"], isinstance(message["id"], int)), ("workflow:1", "step", True), "is the whole message")

    print("while it is away")
    other.send_signal(signal.SIGKILL)
    other.wait()
    for number in range(4):
        publish("workflow:2", number)
    eventually("a problem shows", 30, lambda: door("GET", "/centrifugo", token=root)[1]["problem"])
    other = start_other()
    eventually("4 messages arrive", 90, lambda: len(history("workflow:2")) >= 4)
    same(numbers("workflow:2"), [0, 1, 2, 3], "messages wait, and none comes twice")
    eventually("no problem shows", 30, lambda: door("GET", "/centrifugo", token=root)[1]["problem"] is None)

    print("who may connect and subscribe")
    with_header = Socket({"Authorization": f"Bearer {vera}"})
    reply = with_header.call({"connect": {}})
    same((reply["connect"]["expires"], 0 < reply["connect"]["ttl"] <= 60), (True, True), "by a header, for a minute")
    same("subscribe" in with_header.call({"subscribe": {"channel": "workflow:3"}}), True, "subscribes to what it may watch here")
    same(with_header.call({"subscribe": {"channel": "audit:default"}})["error"]["code"], 403, "and to nothing else")
    publish("workflow:3", "hello")
    same(with_header.push()["pub"]["data"]["data"], "hello", "gets what is published")
    ticket = door("POST", "/auth/ticket", {}, token=vera)[1]["ticket"]
    same("connect" in Socket().call({"connect": {"data": {"token": ticket}}}), True, "by a ticket")
    same("connect" in Socket().call({"connect": {"data": {"token": vera}}}), True, "by an access token")
    made = door("POST", "/api-keys", {"name": "k", "role": "developer"}, token=root)[1]
    same("connect" in Socket().call({"connect": {"data": {"token": made["key"]}}}), True, "by an API key")
    for what, proof in (("nobody", None), ("a spent ticket", ticket), ("nonsense", "nonsense")):
        same(Socket().call({"connect": {"data": {"token": proof}} if proof else {}}), 4501, f"{what} is disconnected for good")
    door("DELETE", f"/api-keys/{made['apiKey']['id']}", token=root)
    same(Socket().call({"connect": {"data": {"token": made["key"]}}}), 4501, "so is a key that was revoked")
    same(Socket({"Authorization": f"Bearer {made['key']}"}).call({"connect": {}}), 4501, "also in a header")

    print("tokens")
    token = door("GET", "/centrifugo/token", token=vera)[1]["token"]
    by_token = Socket()
    same("connect" in by_token.call({"connect": {"token": token}}), True, "one to connect")
    token = door("GET", "/centrifugo/token?channel=workflow:5", token=vera)[1]["token"]
    same("subscribe" in by_token.call({"subscribe": {"channel": "workflow:5", "token": token}}), True, "one to subscribe")

    print("what is taken away")
    door("PATCH", f"/users/{vera_id}", {"isDisabled": True}, token=root)
    same(with_header.until_closed(120) in (3005, 3006, 4501), True, "ends the connection within two minutes")
    same(Socket({"Authorization": f"Bearer {vera}"}).call({"connect": {}}), 4501, "and lets nobody come back")


def main():
    running = []
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "centrifugo.json")
        with open(file, "w") as out:
            json.dump(config(), out)
        plain = {"PATH": "/usr/bin:/bin", "HOME": folder}

        def start_other():
            environment = {**plain, "CENTRIFUGO_HTTP_SERVER_ADDRESS": "127.0.0.1", "CENTRIFUGO_HTTP_SERVER_PORT": str(OTHER)}
            running.append(subprocess.Popen([os.path.abspath(os.environ["CENTRIFUGO"]), "-c", file], env=environment, cwd=folder))
            eventually("Centrifugo listens", 20, lambda: is_listening(OTHER))
            return running[-1]

        with open(os.path.join(folder, "doorward.yaml"), "w") as out:
            out.write('live:\n  channels:\n    - { channel: "workflow:*" }\n')
        environment = {
            **plain,
            "CENTRIFUGO_HOST": "127.0.0.1",
            "CENTRIFUGO_PORT": str(OTHER),
            "CENTRIFUGO_API_KEY": API_KEY,
            "CENTRIFUGO_JWT_SECRET": SECRET,
        }
        listen = ["serve", "--listen", f"127.0.0.1:{DOOR}", "--data", "data"]
        try:
            running.append(subprocess.Popen([os.path.abspath(os.environ["DOORWARD_BIN"]), *listen], env=environment, cwd=folder))
            eventually("Doorward listens", 20, lambda: is_listening(DOOR))
            suite(start_other)
        finally:
            for process in running:
                process.kill()
                process.wait()
    print("all of it works")


main()

#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A client that writes to etcd all the time, and its proof afterwards.

    host-writer.py write FILE ENDPOINT...           until SIGTERM; FILE gets a line for each write
                                                    that etcd has acknowledged: number, revision, time
    host-writer.py prove FILE LIMIT-MS ENDPOINT...  from every member: is each of them still there?

As the client libraries do, it keeps a connection and goes on with the next member when one fails.
"""
import base64
import http.client
import json
import signal
import sys
import time
import urllib.parse

PREFIX = "/hitless/writes/"
ATTEMPT_S = 0.5


def text(b64):
    return base64.b64decode(b64).decode()


def b64(s):
    return base64.b64encode(s.encode()).decode()


class Client:
    def __init__(self, endpoints):
        self.endpoints, self.at, self.connection = endpoints, 0, None

    def post(self, path, body, timeout):
        if not self.connection:
            host = urllib.parse.urlsplit(self.endpoints[self.at]).netloc
            self.connection = http.client.HTTPConnection(host, timeout=timeout)
        self.connection.request("POST", path, json.dumps(body))
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise OSError(data)
        return json.loads(data)

    def next(self):
        if self.connection:
            self.connection.close()
        self.connection = None
        self.at = (self.at + 1) % len(self.endpoints)


def write(file, endpoints):
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
    client, number = Client(endpoints), 0
    with open(file, "w", buffering=1) as out:
        while not ended:
            try:
                body = {"key": b64(f"{PREFIX}{number:08}"), "value": b64(str(number))}
                got = client.post("/v3/kv/put", body, ATTEMPT_S)
                out.write(f"{number} {got['header']['revision']} {time.monotonic():.6f}\n")
                number += 1
                time.sleep(0.02)  # a steady load, not as much as goes
            except (OSError, http.client.HTTPException):
                client.next()
                time.sleep(0.005)


def missing(written, endpoint):
    """Numbers that were acknowledged and are not there, read as the whole cluster agrees."""
    body = {"key": b64(PREFIX), "range_end": b64(PREFIX[:-1] + chr(ord("/") + 1))}
    got = Client([endpoint]).post("/v3/kv/range", body, 20)
    there = {}
    for kv in got.get("kvs", []):
        there[text(kv["key"])[len(PREFIX):]] = (text(kv["value"]), int(kv["mod_revision"]))
    lost = []
    for number, revision, _ in written:
        value, at = there.get(f"{number:08}", ("", 0))
        if value != str(number) or at < revision:
            lost.append(number)
    return lost


def prove(file, limit_ms, endpoints):
    written = []
    with open(file) as lines:
        for line in lines:
            number, revision, when = line.split()
            written.append((int(number), int(revision), float(when)))
    if len(written) < 100:
        sys.exit(f"only {len(written)} writes: that proves nothing")
    lost = set()
    for endpoint in endpoints:
        gone = missing(written, endpoint)
        lost.update(gone)
        if gone:
            print(f"{endpoint}: lost: {gone[:10]}")
    gap, at = max((b[2] - a[2], a[2]) for a, b in zip(written, written[1:]))
    gap *= 1000
    print(
        f"{len(written)} writes in {written[-1][2] - written[0][2]:.1f} s, {len(lost)} lost"
        f" (each of {len(endpoints)} members was asked); longest time without a write:"
        f" {gap:.0f} ms ({limit_ms} ms allowed), {at - written[0][2]:.1f} s after the first"
    )
    sys.exit(1 if lost or gap > limit_ms else 0)


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2], sys.argv[3:])
    else:
        prove(sys.argv[2], int(sys.argv[3]), sys.argv[4:])

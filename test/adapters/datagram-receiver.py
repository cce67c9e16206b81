"""Binds the unix datagram socket named by the first argument and prints each datagram as one line of JSON."""
import json
import os
import socket
import sys

receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print(json.dumps("bound"), flush=True)
while True:
    # systemd-notify passes a descriptor with BARRIER=1 and waits until it is closed
    message, descriptors, _, _ = socket.recv_fds(receiver, 65536, 4)
    for descriptor in descriptors:
        os.close(descriptor)
    print(json.dumps(message.decode()), flush=True)

"""Tells a running scripted drive one thing and prints its answer. Apart from main.py because it has to start quickly.

Usage: tell.py NAME '{"do": …}'
"""

import socket
import sys

with socket.socket(socket.AF_UNIX) as peer:
    peer.connect(f'/run/vm-drive/{sys.argv[1]}/control.sock')
    peer.sendall(sys.argv[2].encode() + b'\n')
    print(peer.makefile().readline(), end='')

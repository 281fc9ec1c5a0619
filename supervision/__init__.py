"""Child processes, signals and exit codes: how every command starts, watches and ends what it runs.

Own code, since the libraries for it are programs of their own: supervisord and circus bring a daemon and a
configuration file, honcho restarts nothing, and none of them knows the frame that a worker died of, or ends when its
parent was killed. psutil does what can be borrowed.
"""

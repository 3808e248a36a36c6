"""Machines for tests: network namespaces of this one, each with an address, a host name and a link of its own.

They share processor and disk; what goes between them goes through a switch, at the speed of the link. Takes root,
iproute2 and util-linux.
"""

import os
import pathlib
import shlex
import shutil
import signal
import subprocess

ENTER = pathlib.Path(__file__).resolve().parent / "enter.sh"
SUBNET = "10.213.77"


# mpirun's own processes do not notice a dead link in time unless told to (docs/hpc.md).
KEEPALIVE = ["--mca", "oob_tcp_keepalive_time", "5", "--mca", "oob_tcp_keepalive_intvl", "5", "--mca",
             "oob_tcp_keepalive_probes", "2"]


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def missing():
    """Why there can be no such machines here; empty: there can."""
    if os.geteuid() != 0:
        return "takes root"
    for tool in ("ip", "tc", "unshare", "mpirun"):
        if shutil.which(tool) is None:
            return f"takes {tool}"
    name = f"cm-try-{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    subprocess.run(["ip", "netns", "del", name], capture_output=True)
    return "" if tried.returncode == 0 else f"takes network namespaces: {tried.stderr.strip()}"


class Hosts:
    """`count` machines; with `mbit_per_s` their links send no faster than that."""

    def __init__(self, count, mbit_per_s=None):
        self.prefix = f"cm{os.getpid() % 100000}-"
        self.switch = self.prefix + "switch"
        self.names = [f"{self.prefix}{i + 1}" for i in range(count)]
        self.addresses = [f"{SUBNET}.{i + 1}" for i in range(count)]
        self.mbit_per_s = mbit_per_s

    def __enter__(self):
        try:
            ip("netns", "add", self.switch)
            ip("-n", self.switch, "link", "add", "bridge", "type", "bridge")
            ip("-n", self.switch, "link", "set", "bridge", "up")
            for name, address in zip(self.names, self.addresses):
                self._add(name, address)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _add(self, name, address):
        port = f"port{address.rsplit('.', 1)[1]}"
        ip("netns", "add", name)
        ip("-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", self.switch)
        ip("-n", self.switch, "link", "set", port, "master", "bridge", "up")
        ip("-n", name, "addr", "add", f"{address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-n", name, "link", "set", device, "up")
        if self.mbit_per_s:
            subprocess.run(["tc", "-n", name, "qdisc", "add", "dev", "eth0", "root", "tbf", "rate",
                            f"{self.mbit_per_s}mbit", "burst", "1mb", "latency", "50ms"], check=True)

    def __exit__(self, *_):
        for name in [*self.names, self.switch]:
            pids = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True).stdout.split()
            for pid in map(int, pids):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            subprocess.run(["ip", "netns", "del", name], capture_output=True)

    def mpirun(self, ranks_a_host, *command):
        """The words that start the command from the first machine on all of them."""
        hosts = ",".join(f"{address}:{ranks_a_host}" for address in self.addresses)
        launch = ["mpirun", "--allow-run-as-root", "--bind-to", "none", "--host", hosts,
                  "-n", str(ranks_a_host * len(self.names)), "--mca", "plm_rsh_agent", ENTER,
                  "--mca", "btl", "tcp,vader,self", "--mca", "btl_tcp_if_include", "eth0",
                  "--mca", "oob_tcp_if_include", "eth0", *KEEPALIVE, *command]
        return ["env", f"CLOUDMASK_TEST_HOSTS={self.prefix}", ENTER, self.addresses[0], shlex.join(map(str, launch))]

    def cut_off(self, host):
        """Its link goes down, for good."""
        ip("-n", self.names[host], "link", "set", "eth0", "down")

    def processes(self):
        return [pid for name in self.names
                for pid in subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True).stdout.split()]

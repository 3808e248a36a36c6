"""A Slurm of this machine's own for tests: every node is one of the machines of tests/hosts, its controller runs on the
first one. Takes root, what tests/hosts takes, and Slurm's daemons and munge.

    tests/slurm/slurm.py [--nodes 2] COMMAND...      # runs the command on the first node
"""

import argparse
import os
import pathlib
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "hosts"))
import hosts  # noqa: E402

DAEMONS = ("munged", "slurmctld", "slurmd", "srun", "sbatch")

# No control groups, no accounting; nodes claim the processors and GPUs that jobs ask for.
CONFIG = """\
ClusterName=test
SlurmctldHost={names[0]}({addresses[0]})
SlurmUser=root
AuthInfo=socket={folder}/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
GresTypes=gpu
ReturnToService=2
KillWait=30
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/controller.pid
SlurmctldLogFile={folder}/controller.log
SlurmdPidFile={folder}/%n.pid
SlurmdLogFile={folder}/%n.log
SlurmdSpoolDir={folder}/%n
TmpFS={folder}/%n
{nodes}
PartitionName=all Nodes=ALL Default=YES
"""


def missing():
    """Why there can be no Slurm here; empty: there can."""
    absent = [tool for tool in DAEMONS if shutil.which(tool) is None]
    return f"takes {', '.join(absent)}" if absent else hosts.missing()


class Slurm:
    """Nodes of 64 processors and 4 GPUs each, whatever there are."""

    def __init__(self, nodes):
        self.hosts = hosts.Hosts(nodes)
        self._daemons = []

    def __enter__(self):
        self.hosts.__enter__()
        # Short, since paths of sockets are limited; what a daemon's children still write does not matter.
        self._place = tempfile.TemporaryDirectory(prefix="cm-slurm-", ignore_cleanup_errors=True)
        self.folder = pathlib.Path(self._place.name)
        try:
            self._configure()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _configure(self):
        for name in ["state", *self.hosts.names]:
            (self.folder / name).mkdir()
        nodes = "\n".join(f"NodeName={name} NodeAddr={address} CPUs=64 Gres=gpu:4"
                          for name, address in zip(self.hosts.names, self.hosts.addresses))
        config = CONFIG.format(folder=self.folder, names=self.hosts.names, addresses=self.hosts.addresses, nodes=nodes)
        (self.folder / "slurm.conf").write_text(config)
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")
        for gpu in range(4):
            os.mknod(self.folder / f"gpu{gpu}", stat.S_IFCHR | 0o666, os.makedev(1, 3))  # as /dev/null
        (self.folder / "gres.conf").write_text(f"Name=gpu File={self.folder}/gpu[0-3]\n")
        key = self.folder / "key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(1024))

    def _start(self):
        munge = [f"--{name}={self.folder}/munge{end}" for name, end in
                 {"socket": "", "pid-file": ".pid", "log-file": ".log", "seed-file": ".seed"}.items()]
        self._daemon(0, "munged", "--foreground", "--force", f"--key-file={self.folder}/key", *munge)
        self._wait_for((self.folder / "munge").exists)
        self._daemon(0, "slurmctld", "-D")
        for node in range(len(self.hosts.names)):
            self._daemon(node, "slurmd", "-D")
        self._wait_for(lambda: self("sinfo", "-h", "-o", "%D %t").stdout.split() == [str(len(self.hosts.names)), "idle"])

    def _daemon(self, node, *command):
        with (self.folder / f"{command[0]}.{node}.out").open("w") as log:
            self._daemons.append(subprocess.Popen(self.words(*command, node=node), stdin=subprocess.DEVNULL, stdout=log,
                                                  stderr=log))

    def _wait_for(self, condition):
        deadline = time.monotonic() + 30
        while not condition():
            if time.monotonic() > deadline:
                logs = [f"{log.name}:\n{log.read_text()[-2000:]}" for log in sorted(self.folder.glob("*.*"))
                        if log.suffix in (".log", ".out")]
                raise RuntimeError("Slurm does not come up\n" + "\n".join(logs))
            time.sleep(0.2)

    def __exit__(self, *_):
        self.hosts.__exit__()  # ends all that runs on the nodes
        for daemon in self._daemons:
            daemon.wait()
        self._place.cleanup()

    def words(self, *command, node=0):
        """The words that run the command on a node."""
        return ["env", f"CLOUDMASK_TEST_HOSTS={self.hosts.prefix}", f"SLURM_CONF={self.folder}/slurm.conf", hosts.ENTER,
                self.hosts.addresses[node], shlex.join(map(str, command))]

    def __call__(self, *command, **options):
        return subprocess.run(self.words(*command), capture_output=True, text=True, timeout=300, **options)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if missing():
        sys.exit(missing())
    with Slurm(options.nodes) as slurm:
        sys.exit(subprocess.run(slurm.words(*options.command)).returncode)


if __name__ == "__main__":
    main()

"""The commands in Markdown pages, and whether the program's command line would take them."""

import dataclasses
import re
import shlex

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
NOT_RUN = re.compile(r"<!-- run: no, (.+?) -->\s*\Z")
OPERATORS = {"|", "||", "&", "&&", ";", ">", ">>", "<", "(", ")"}


@dataclasses.dataclass
class Block:
    line: int
    language: str
    text: str
    not_run_because: str  # empty: it is run


def blocks(markdown):
    for match in FENCE.finditer(markdown):
        indent, language, text = match.groups()
        reason = NOT_RUN.search(markdown[:match.start()])
        text = "".join(line.removeprefix(indent) for line in text.splitlines(keepends=True))
        yield Block(markdown.count("\n", 0, match.start()) + 2, language, text, reason[1] if reason else "")


def commands(text):
    """Lists of words: lines that end in a backslash joined, comments and here-documents left out, pipes taken apart."""
    text = re.sub(r"<<'?(\w+)'?([^\n]*)\n.*?^\1$", r"\2", text.replace("\\\n", " "), flags=re.MULTILINE | re.DOTALL)
    for line in text.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = []
        for word in [*lexer, ";"]:
            if word in OPERATORS:
                if words:
                    yield words
                words = []
            else:
                words.append(word)


def inline_commands(markdown):
    """Code spans that begin with the program's name and a command."""
    for span in re.findall(r"`(cloudmask [a-z][^`]*)`", FENCE.sub("", markdown)):
        yield from commands(" ".join(span.split()))


class CommandLine:
    """What `--help` says that the program takes; `run(*words)` gives what the program prints."""

    def __init__(self, run):
        top = run("--help")
        names = re.findall(r"^  ([a-z]+) ", top.split("Subcommands:")[1], re.MULTILINE)
        self.help = {name: run(name, "--help") for name in names}
        self.shared = self.options_in(top)
        self.keys = set(re.findall(r"^  (\w+) +\S", self.help["check"].split("Keys of")[1], re.MULTILINE))

    @staticmethod
    def options_in(text):
        return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text.split("Examples:")[0]))

    def fault(self, words):
        """What the command line would not take; None when all is well. The program stands first, or behind one that
        starts it (mpirun, srun, time, a container); behind -t it is the name of a container."""
        if "cloudmask" not in words or "-t" in words:
            return None
        command, *rest = words[words.index("cloudmask") + 1:] or [""]
        if command in self.shared:
            return None
        if command not in self.help:
            return f"no command or option {command}"
        options = self.options_in(self.help[command]) | self.shared
        for option in (word.split("=")[0] for word in rest if word.startswith("-") and word != "-"):
            if option not in options:
                return f"cloudmask {command} has no option {option}"
        for setting in (after for word, after in zip(rest, rest[1:]) if word == "--set"):
            if setting.split("=")[0] not in self.keys and setting != "KEY=VALUE":
                return f"no key {setting}"
        return None

"""How often the kernel ran each eBPF program of a process, and for how long: its own statistics, switched on for a while."""
import ctypes
import os
import platform
from contextlib import contextmanager

STATISTICS = "/proc/sys/kernel/bpf_stats_enabled"
# Of linux/bpf.h and the system call tables.
BPF_SYSCALL = {"x86_64": 321, "aarch64": 280}
PROG_GET_FD_BY_ID, OBJ_GET_INFO_BY_FD = 13, 15
# struct bpf_prog_info: where its fields lie.
INFO_BYTES, TYPE_AT, NAME_AT, RUN_TIME_AT, RUN_COUNT_AT = 224, 0, 64, 192, 200
# The type of programs on functions of a library; the others are on events of the whole machine.
BPF_PROG_TYPE_KPROBE = 2


@contextmanager
def statistics():
    """The kernel counts runs while this lasts; it makes each some ten ns dearer."""
    with open(STATISTICS, encoding="utf-8") as file:
        before = file.read()
    write(STATISTICS, "1")
    try:
        yield
    finally:
        write(STATISTICS, before)


def program_runs(pid):
    """`{id: (name, on_calls, runs, ns)}` of the programs that the process holds, since they were loaded.

    `on_calls` is false for programs on events of the whole machine. The kernel cuts names.
    """
    return {program: describe(program) for program in program_ids(pid)}


def runs_between(before, after):
    """A list of `{"program", "on_calls", "runs", "run_ns"}`, without those that did not run."""
    differences = []
    for program, (name, on_calls, runs, run_ns) in after.items():
        _, _, runs_before, run_ns_before = before.get(program, (name, on_calls, 0, 0))
        if runs > runs_before:
            difference = {"runs": runs - runs_before, "run_ns": run_ns - run_ns_before}
            differences.append({"program": name, "on_calls": on_calls, **difference})
    return differences


def program_ids(pid):
    ids = set()
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            with open(f"/proc/{pid}/fdinfo/{fd}", encoding="utf-8") as file:
                fields = dict(line.split(":", 1) for line in file if ":" in line)
        except OSError:
            continue  # Closed since it was listed.
        # Links name their program too: the set has it once.
        if "prog_id" in fields:
            ids.add(int(fields["prog_id"]))
    return ids


def describe(program):
    fd = bpf(PROG_GET_FD_BY_ID, ctypes.create_string_buffer(program.to_bytes(4, "little"), 16))
    try:
        info = ctypes.create_string_buffer(INFO_BYTES)
        attributes = fd.to_bytes(4, "little") + INFO_BYTES.to_bytes(4, "little") + ctypes.addressof(info).to_bytes(8, "little")
        bpf(OBJ_GET_INFO_BY_FD, ctypes.create_string_buffer(attributes, 16))
        name = info.raw[NAME_AT : NAME_AT + 16].split(b"\0")[0].decode()
        on_calls = int.from_bytes(info.raw[TYPE_AT : TYPE_AT + 4], "little") == BPF_PROG_TYPE_KPROBE
        return name, on_calls, number(info.raw, RUN_COUNT_AT), number(info.raw, RUN_TIME_AT)
    finally:
        os.close(fd)


def number(raw, at):
    return int.from_bytes(raw[at : at + 8], "little")


def bpf(command, attributes):
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(BPF_SYSCALL[platform.machine()], command, attributes, len(attributes))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"bpf command {command}: {os.strerror(ctypes.get_errno())}")
    return result


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)

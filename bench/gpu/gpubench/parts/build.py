"""Compiles the programs in CUDA C."""
import os
import shutil
import subprocess
from pathlib import Path

LOOPS = Path(__file__).resolve().parents[2] / "loops"
REPOSITORY = Path(__file__).resolve().parents[4]


class BuildFailed(Exception):
    pass


def build(context, source, name, *flags):
    """Returns the program's path."""
    target = Path(context.folder, name)
    run([find_nvcc(), "-O2", *flags, "-o", str(target), str(source)])
    return target


def build_launch_loop(context):
    """With the runtime as a shared library, so that there is one to be probed; with a static one where that can't be linked."""
    source = LOOPS / "launch_loop.cu"
    if context.options.standin:
        return build_on_standin(context, source)
    libraries = Path(os.path.realpath(find_nvcc())).parents[1] / "lib64"
    try:
        target = build(context, source, "launch_loop", "-cudart", "shared", "-Xlinker", f"-rpath,{libraries}")
        run([str(target), "1"])
        return target
    except BuildFailed as failure:
        context.say(f"the runtime is linked statically: {failure}")
        context.results.add("note", text="launch_loop was linked with a static runtime: `--cuda-runtime` sees none of it.")
        return build(context, source, "launch_loop")


def build_on_standin(context, source):
    standin = Path(context.options.standin)
    target = Path(context.folder, "launch_loop")
    libraries = standin / "build/lib"
    run(
        ["g++", "-O2", "-x", "c++", "-I", str(standin / "include"), "-include", str(LOOPS / "standin.h"), str(source)]
        + ["-o", str(target), "-L", str(libraries), "-l:libcudart.so.13", f"-Wl,-rpath,{libraries.resolve()}"]
    )
    return target


def find_nvcc():
    path = shutil.which("nvcc") or "/usr/local/cuda/bin/nvcc"
    if not os.path.exists(path):
        raise BuildFailed("nvcc is neither in PATH nor in /usr/local/cuda/bin")
    return path


def run(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise BuildFailed(str(failure)) from None
    if done.returncode != 0:
        raise BuildFailed(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-600:]}")

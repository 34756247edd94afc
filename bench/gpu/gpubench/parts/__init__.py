"""The parts of a run: each a function of a Context that adds records to its results. An exception ends its part alone."""
from .check import check_host
from .frameworks import trace_frameworks
from .measured import graph, launch, lean, llama, vllm
from .nccl import trace_nccl

# In the order in which they are run.
PARTS = {
    "check": check_host,
    "launch": launch,
    "llama": llama,
    "graph": graph,
    "frameworks": trace_frameworks,
    "nccl": trace_nccl,
    "vllm": vllm,
    "lean": lean,
}

# What is run when no part is named.
DEFAULT_PARTS = ("check", "launch", "llama", "graph", "frameworks", "nccl")

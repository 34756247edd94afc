"""Loops that call NCCL and count their own calls, a process for each GPU.

    python3 nccl_loop.py ddp|tensor-parallel --world N --steps N --folder FOLDER

Writes FOLDER/labels.json: the steps of all ranks with `collectives`, the calls that the step made; and for each rank in `calls`
those of the whole process by name, as NCCL itself logged them. `--world 1` is a group of one: NCCL is called all the same.
"""
import argparse
import collections
import json
import os
import re
import time
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.multiprocessing import spawn

WARM_UP_STEPS = 6
# NCCL writes a line for every call: `… AllReduce: opCount 0 sendbuff …`.
LOGGED_CALL = re.compile(r"(\w+): opCount ")


class Counter:
    """What this rank asks of NCCL, counted where it asks."""

    def __init__(self):
        self.calls = 0

    def all_reduce(self, tensor, **how):
        self.calls += 1
        return dist.all_reduce(tensor, **how)

    def all_gather(self, target, tensor):
        self.calls += 1
        return dist.all_gather_into_tensor(target, tensor)


def ddp(rank, world, counter):
    """Data parallel training: an all-reduce for each bucket of gradients, from the thread of the backward pass."""
    layers = [nn.Linear(1024, 1024) for _ in range(8)]
    model = nn.parallel.DistributedDataParallel(
        nn.Sequential(*layers).cuda(), device_ids=[rank], bucket_cap_mb=8, broadcast_buffers=False
    )

    def reduce_bucket(_, bucket):
        return counter.all_reduce(bucket.buffer().div_(world), async_op=True).get_future().then(lambda done: done.value()[0])

    model.register_comm_hook(None, reduce_bucket)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad()
        loss = model(torch.randn(64, 1024, device="cuda")).square().mean()
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def tensor_parallel(rank, world, counter):
    """Decoding with the weights split over the ranks: two all-reduces a layer, one all-gather of the logits."""
    width, vocabulary, batch, layers = 2048, 8192, 4, 12

    def weight(rows, columns):
        return torch.randn(rows, columns, device="cuda", dtype=torch.bfloat16) * rows**-0.5

    halves = [
        [(weight(width, width // world), weight(width // world, width)) for _ in range(2)] for _ in range(layers)
    ]
    head = weight(width, vocabulary // world)
    logits = torch.empty(world * batch, vocabulary // world, device="cuda", dtype=torch.bfloat16)

    def step():
        x = torch.randn(batch, width, device="cuda", dtype=torch.bfloat16)
        for layer in halves:
            for up, down in layer:
                y = torch.relu(x @ up) @ down
                counter.all_reduce(y)
                x = nn.functional.normalize(x + y)
        counter.all_gather(logits, x @ head)
        logits.argmax(-1).tolist()

    return step


LOOPS = {"ddp": ddp, "tensor-parallel": tensor_parallel}


def run(rank, arguments):
    # As early as this, since NCCL reads it once.
    log = Path(arguments.folder, f"nccl-{rank}.log")
    os.environ.update(NCCL_DEBUG="INFO", NCCL_DEBUG_SUBSYS="COLL", NCCL_DEBUG_FILE=str(log))
    torch.cuda.set_device(rank)
    dist.init_process_group("nccl", rank=rank, world_size=arguments.world)
    counter = Counter()
    step = LOOPS[arguments.loop](rank, arguments.world, counter)
    labels = []
    for number in range(arguments.steps + WARM_UP_STEPS):
        before = counter.calls
        t0 = time.monotonic_ns()
        step()
        label = {"w": arguments.loop, "pid": os.getpid(), "rank": rank, "t0": t0, "t1": time.monotonic_ns()}
        if number >= WARM_UP_STEPS:
            labels.append({**label, "collectives": counter.calls - before})
    dist.destroy_process_group()
    calls = collections.Counter(LOGGED_CALL.findall(log.read_text())) if log.exists() else {}
    result = {"pid": os.getpid(), "counted": counter.calls, "calls": calls, "steps": labels}
    Path(arguments.folder, f"rank-{rank}.json").write_text(json.dumps(result))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("loop", choices=LOOPS)
    parser.add_argument("--world", type=int, required=True)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--folder", required=True)
    arguments = parser.parse_args()
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29511")
    # All ranks are on this host, which may have no other interface.
    os.environ.setdefault("NCCL_SOCKET_IFNAME", "lo")
    spawn(run, (arguments,), nprocs=arguments.world)
    ranks = [json.loads(Path(arguments.folder, f"rank-{rank}.json").read_text()) for rank in range(arguments.world)]
    labels = {
        "nccl": ".".join(map(str, torch.cuda.nccl.version())),
        "processes": [{"pid": rank["pid"], "counted": rank["counted"], "calls": rank["calls"]} for rank in ranks],
        "steps": [label for rank in ranks for label in rank["steps"]],
    }
    Path(arguments.folder, "labels.json").write_text(json.dumps(labels))


if __name__ == "__main__":
    main()

"""Decodes with PyTorch and measures itself on command. An iteration is one decode step, its read-back included.

    python3 torch_decode.py llama    Llama of the transformers library, 16 layers, eager, batch 1
    python3 torch_decode.py lean     a decoder with little Python around its kernels, 16 layers, eager, batch 4
    python3 torch_decode.py graph    the same, 24 layers of twice the width, in a CUDA graph, batch 8
"""
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "fixtures/gpu-workloads"))

import torch
from answering import answer

PROMPT = 256
# Decodes of one request; then the next one begins, its prefill not measured.
DECODES = 200


class Requests:
    """One request after the other, a token each time it is called; returns the ns of the decode."""

    def __init__(self, prefill, decode):
        self._prefill = prefill
        self._decode = decode
        self._position = None

    def __call__(self):
        if self._position is None or self._position == PROMPT + DECODES:
            self._tokens = self._prefill()
            self._position = PROMPT
        began_ns = time.monotonic_ns()
        self._tokens = self._decode(self._tokens, self._position)
        self._position += 1
        return time.monotonic_ns() - began_ns


def llama():
    from transformers import DynamicCache
    from workloads.transformers_greedy import VOCABULARY, llama

    model = llama(layers=16, attention="sdpa")
    cache = None

    def forward(tokens):
        logits = model(input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=1).logits
        tokens = logits[:, -1:].argmax(-1)
        tokens.tolist()
        return tokens

    def prefill():
        nonlocal cache
        cache = DynamicCache(config=model.config)
        return forward(torch.randint(VOCABULARY, (1, PROMPT), device="cuda"))

    return Requests(prefill, lambda tokens, _: forward(tokens))


def lean():
    from workloads.static_decoder import build, random_tokens, span

    model = build(layers=16)

    def read(tokens):
        tokens.tolist()
        return tokens

    return Requests(
        lambda: read(model.next_tokens(random_tokens(4, PROMPT), span(0, PROMPT))),
        lambda tokens, position: read(model.next_tokens(tokens, span(position))),
    )


def graph():
    from workloads.static_decoder import DecodeGraph, PinnedReadBack, build, random_tokens, span

    batch = 8
    model = build(layers=24, hidden=2048, batch=batch)
    decode = DecodeGraph(model, batch)
    read_back = PinnedReadBack(batch)

    def read(tokens):
        read_back(tokens)
        return tokens

    return Requests(
        lambda: read(model.next_tokens(random_tokens(batch, PROMPT), span(0, PROMPT))),
        lambda tokens, position: read(decode(tokens, position)),
    )


LOOPS = {"llama": llama, "lean": lean, "graph": graph}


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in LOOPS:
        sys.exit(f"usage: torch_decode.py {'|'.join(LOOPS)}")
    with torch.inference_mode():
        iterate = LOOPS[sys.argv[1]]()
        for _ in range(20):
            iterate()
        answer(iterate)


if __name__ == "__main__":
    main()

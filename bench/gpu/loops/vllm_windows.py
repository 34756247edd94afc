"""Serves with vLLM, always saturated, and measures its throughput on command.

    . VLLM_SITE/env.sh && python3 vllm_windows.py [--mp 0|1]

The engine core is a process of its own, as with `vllm serve`; `--mp 0` keeps it in this one. A small Llama with random weights.
Serves on between commands too, so that a window begins in the middle of the load. The answers are those of answering.py, but:

    measure SECONDS   {"value", "tokens", "steps", "seconds", "count"}: value is tokens a second

An iteration, and what `count` counts, is one engine step that gave tokens.
"""
import argparse
import json
import os
import random
import select
import sys
import tempfile
import time
from pathlib import Path

from answering import say

SEQUENCES = 64
# Unfinished requests: those that run, and some that wait for their turn.
IN_FLIGHT = SEQUENCES + 32
PROMPT_TOKENS = (64, 512)
OUTPUT_TOKENS = (64, 320)
GRAPH_SIZES = [1, 2, 4, 8, 16, 24, 32, 48, SEQUENCES]
WARM_UP_S = 6
VOCABULARY = 32000

MODEL = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 2048,
    "intermediate_size": 5632,
    "num_hidden_layers": 16,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 64,
    "vocab_size": VOCABULARY,
    "max_position_embeddings": 4096,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "hidden_act": "silu",
    "tie_word_embeddings": False,
    "attention_bias": False,
    "mlp_bias": False,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "torch_dtype": "bfloat16",
    "dtype": "bfloat16",
}


def make_engine(folder):
    from vllm import LLM

    Path(folder, "config.json").write_text(json.dumps(MODEL))
    tokens = {key: MODEL[key] for key in ("bos_token_id", "eos_token_id", "pad_token_id")}
    Path(folder, "generation_config.json").write_text(json.dumps(tokens))
    return LLM(
        model=folder,
        load_format="dummy",
        skip_tokenizer_init=True,
        dtype="bfloat16",
        max_model_len=2048,
        gpu_memory_utilization=0.5,
        max_num_seqs=SEQUENCES,
        max_num_batched_tokens=2048,
        enable_prefix_caching=False,
        disable_log_stats=True,
        seed=0,
        # Graphs of whole decode steps, and no compiler, which would take minutes.
        compilation_config={"mode": 0, "cudagraph_mode": "FULL", "cudagraph_capture_sizes": GRAPH_SIZES},
    ).llm_engine


class Load:
    """Requests that never end."""

    def __init__(self, engine):
        from vllm import SamplingParams

        self._engine = engine
        self._parameters = SamplingParams
        self._random = random.Random(1)
        self._made = 0
        self._in_flight = 0
        # Tokens that came so far, of each request that has begun.
        self._came = {}
        self.tokens = 0
        self.steps = 0

    def step(self):
        while self._in_flight < IN_FLIGHT:
            self._add()
        before = self.tokens
        for output in self._engine.step():
            came = len(output.outputs[0].token_ids)
            self.tokens += came - self._came.get(output.request_id, 0)
            self._came[output.request_id] = came
            if output.finished:
                del self._came[output.request_id]
                self._in_flight -= 1
        self.steps += self.tokens > before

    def _add(self):
        self._made += 1
        self._in_flight += 1
        prompt = [self._random.randrange(3, VOCABULARY) for _ in range(self._random.randint(*PROMPT_TOKENS))]
        parameters = self._parameters(
            temperature=0.0, max_tokens=self._random.randint(*OUTPUT_TOKENS), ignore_eos=True, detokenize=False
        )
        self._engine.add_request(f"request-{self._made}", {"prompt_token_ids": prompt}, parameters)


def serve(load):
    """Steps for ever; between two steps commands are heard. Ends with stdin."""
    window = None
    while True:
        load.step()
        now = time.monotonic()
        if window is not None and now >= window["end"]:
            seconds, tokens = now - window["began"], load.tokens - window["tokens"]
            steps = load.steps - window["steps"]
            say(value=tokens / seconds, tokens=tokens, steps=steps, seconds=seconds, count=load.steps)
            window = None
        if window is None and select.select([sys.stdin], [], [], 0)[0]:
            line = sys.stdin.readline()
            if line == "":
                return
            command, *arguments = line.split()
            if command == "measure":
                window = {"began": now, "end": now + float(arguments[0]), "tokens": load.tokens, "steps": load.steps}
            elif command == "count":
                say(count=load.steps)
            else:
                say(error=f"unknown command: {command}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mp", type=int, choices=[0, 1], default=1)
    arguments = parser.parse_args()
    # vLLM reads it when it is imported.
    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = str(arguments.mp)
    with tempfile.TemporaryDirectory() as folder:
        load = Load(make_engine(folder))
        end = time.monotonic() + WARM_UP_S
        while time.monotonic() < end:
            load.step()
        import vllm

        say(ready=True, pid=os.getpid(), vllm=vllm.__version__)
        serve(load)


if __name__ == "__main__":
    main()

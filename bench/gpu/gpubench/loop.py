"""The loops that are measured, and what tracing them may cost."""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Loop:
    name: str
    title: str
    # Of one iteration.
    unit: str
    # The figure of a phase that is compared: `p50`, `mean`, or `value`.
    figure: str
    modes: tuple
    # How long one phase is measured.
    seconds: float
    # How long a mode runs under load before it is measured; the governor needs its time to step down.
    settle_s: dict = field(default_factory=dict)
    # Throughputs are better when higher.
    higher_is_better: bool = False
    # Largest ratio to untraced by mode; smallest where higher is better.
    targets: dict = field(default_factory=dict)


LAUNCH_TARGETS = {"default": 1.35, "guard": 1.05}
# Under load the governor steps down after three seconds, and guard mode watches every launch for the first five.
STEADY_S = {"default": 5.0, "guard": 6.5}

LOOPS = {
    loop.name: loop
    for loop in (
        Loop("launches", "CUDA C: empty kernels back to back, synchronized every 1000", "ns a launch", "p50",
             ("default", "guard", "no-governor", "cuda-runtime", "stack"), 0.5, STEADY_S, targets=LAUNCH_TARGETS),
        Loop("steps", "CUDA C: steps of 100 empty kernels and a read-back", "ns a launch", "p50",
             ("default", "no-governor"), 0.5, STEADY_S, targets=LAUNCH_TARGETS),
        Loop("llama", "PyTorch eager: a 16-layer Llama of transformers, decode", "ns a step", "p50",
             ("default", "no-governor", "cuda-runtime", "stack"), 1.5, STEADY_S, targets={"default": 1.05}),
        Loop("lean", "PyTorch eager: a decoder with little Python around its kernels, decode", "ns a step", "p50",
             ("default", "guard", "no-governor"), 0.5, STEADY_S),
        Loop("graph", "CUDA graphs: a 24-layer decoder, decode", "ns a step", "p50",
             ("default",), 0.7, {"guard": 6.5}, targets={"default": 1.01, "guard": 1.01}),
        Loop("vllm", "vLLM, saturated", "tokens/s", "value",
             ("default",), 2.5, {"default": 0.5, "guard": 6.5}, higher_is_better=True,
             targets={"default": 0.97, "guard": 0.97}),
    )
}

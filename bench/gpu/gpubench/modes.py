"""The ways to trace that are compared, and what they may cost."""
from dataclasses import dataclass

# A governor left on would step down and hide what these cost.
UNGOVERNED = ("--inference", "--max-overhead", "0")


@dataclass(frozen=True)
class Mode:
    name: str
    flags: tuple
    title: str


MODES = {
    mode.name: mode
    for mode in (
        Mode("default", ("--inference",), "default"),
        Mode("guard", ("--inference", "--guard"), "`--guard`"),
        Mode("no-governor", UNGOVERNED, "`--max-overhead 0`"),
        Mode("cuda-runtime", (*UNGOVERNED, "--cuda-runtime"), "`--max-overhead 0 --cuda-runtime`"),
        Mode("stack", (*UNGOVERNED, "--stack"), "`--max-overhead 0 --stack`"),
    )
}

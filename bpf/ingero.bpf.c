// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* One object, so that all programs share their maps; one file a hook family. */
#include "programs/cuda_driver.c"
#include "programs/cuda_runtime.c"
#include "programs/nccl.c"
#include "programs/scheduler.c"

/* What the kernel must know to lend its GPL-only helpers; the files are Apache-2.0 or GPL-2.0, as their user likes. */
char LICENSE[] SEC("license") = "GPL";

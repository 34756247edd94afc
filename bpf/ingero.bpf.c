// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* One object, so that all programs share their maps; one file a hook family. */
#include "programs/cuda_driver.c"
#include "programs/scheduler.c"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * The agent's object with a cuLaunchKernel that is worth BURST calls: a probe costs about a microsecond a hit, so that one
 * processor could not make a million records a second by real ones.
 */
/* Its programs are loaded for several ways of attaching, which the map behind a tail call does not allow. */
#define INGERO_ONE_THREAD
#define launch_kernel launch_kernel_once
#include "ingero.bpf.c"
#undef launch_kernel

#define BURST 64
#define LAUNCH_OP 3

SEC("uprobe")
int launch_kernel(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u64 args[3] = { PT_REGS_PARM1(ctx), 0, 0 };
	int i;

	for (i = 0; i < BURST; i++) {
		struct ingero_event *event = bpf_ringbuf_reserve(&event_ring, sizeof(*event), 0);

		INGERO_COUNT(calls_produced);
		if (!event) {
			INGERO_COUNT(calls_ring_full);
			continue;
		}
		ingero_fill(event, bpf_ktime_get_ns(), 0, id >> 32, (__u32)id, LAUNCH_OP, args);
		bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
		INGERO_COUNT(calls_delivered);
	}
	return 0;
}

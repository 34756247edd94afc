import type { Operations } from '../functions';

/** Operation codes of records about the host, the numbers of bpf/include/ingero_host.h. */
export const OP_PAGE_ALLOC = 73;

/**
 * What the codes of {@link HostProbes} mean. `pid` is 0 where no process is known. A record's time is when it happened,
 * of what lasts when it was over; a block request's duration runs from its issue to its completion.
 *
 * `process_exec` and `process_fork` are of traced processes, the child is a process and never a thread. `page_alloc` is
 * all that a traced process allocated during `duration`, pages that the kernel took on its behalf included. The rest is
 * of the whole machine: `oom_kill` is the victim's, `device` is the kernel's number (major << 20 | minor), `failed` 1 or
 * 0. `peer` and `local` are IPv4 addresses as numbers (10.0.0.1 is 0x0a000001), `state` is the kernel's number of the
 * TCP state (1 established, 2 SYN sent). An IPv6 peer fills two arguments; its local address is not told.
 */
export const HOST_OPERATIONS: Operations = new Map([
	[70, { name: 'process_exec', args: ['old_tid', '-', '-'] }],
	[71, { name: 'process_fork', args: ['child_pid', '-', '-'] }],
	[72, { name: 'oom_kill', args: ['triggering_pid', '-', '-'] }],
	[OP_PAGE_ALLOC, { name: 'page_alloc', args: ['allocations', 'bytes', '-'] }],
	[74, { name: 'block_read', args: ['bytes', 'sector', 'device|operation<<32|failed<<40'] }],
	[75, { name: 'block_write', args: ['bytes', 'sector', 'device|operation<<32|failed<<40'] }],
	[76, { name: 'block_flush', args: ['bytes', 'sector', 'device|operation<<32|failed<<40'] }],
	[77, { name: 'block_discard', args: ['bytes', 'sector', 'device|operation<<32|failed<<40'] }],
	[78, { name: 'block_other', args: ['bytes', 'sector', 'device|operation<<32|failed<<40'] }],
	[79, { name: 'tcp_retransmit', args: ['peer|local<<32', 'peer_port|local_port<<16|state<<32', 'bytes'] }],
	[80, { name: 'tcp_retransmit_ipv6', args: ['peer_high', 'peer_low', 'peer_port|local_port<<16|state<<32'] }],
]);

/**
 * What the codes of {@link MemoryIoctlProbes} mean: an ioctl of the NVIDIA driver that takes memory, or gives it back.
 * `number` is the low byte of the command, or what is meant by a command that wraps another. `return_code` is 0 where
 * only the entry is seen.
 */
export const MEMORY_IOCTL_OPERATIONS: Operations = new Map([
	[81, { name: 'nvidia_ioctl_alloc', args: ['command', 'return_code', 'number'] }],
	[82, { name: 'nvidia_ioctl_free', args: ['command', 'return_code', 'number'] }],
]);

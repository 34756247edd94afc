import type { Operations } from './probed-function';

/** Operation codes that are no function: scheduler events of traced processes and the end of one. */
export const SCHEDULER_OPERATIONS: Operations = new Map([
	[60, { name: 'sched_switch_out', args: ['tid', 'prev_state|in_call<<31', 'next_tid'] }],
	[61, { name: 'sched_switch_in', args: ['tid', 'uses_cuda|was_locked<<1', 'prev_tid'] }],
	[62, { name: 'sched_wakeup', args: ['tid', '-', '-'] }],
	[63, { name: 'process_exit', args: ['-', '-', '-'] }],
]);

/** The stack of the call before it, of the same thread; delivered when stacks are asked for. */
export const STACK_OPERATIONS: Operations = new Map([[64, { name: 'call_stack', args: ['stack_id', 'call', '-'] }]]);

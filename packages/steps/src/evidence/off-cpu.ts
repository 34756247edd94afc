/** Why a thread was off the CPU. */
export const OffCpu = { ready: 0, lock: 1, asleep: 2, uninterruptible: 3 } as const;
export type OffCpu = (typeof OffCpu)[keyof typeof OffCpu];

const TASK_UNINTERRUPTIBLE = 0x2;
/** Uninterruptible only in name: an idle kernel thread. */
const TASK_NOLOAD = 0x400;
/** What the sched_switch tracepoint says of a task that was preempted: beyond every state it reports. */
const REPORTED_PREEMPTION = 0x100;

/** Whether a thread with this `prev_state` could have gone on. */
export function wasPreempted(state: number): boolean {
	return state === 0 || state === REPORTED_PREEMPTION;
}

export function isUninterruptible(state: number): boolean {
	return (state & TASK_UNINTERRUPTIBLE) !== 0 && (state & TASK_NOLOAD) === 0;
}

// Where steps come from, why some stayed out of the baselines, and why some were slow.

/** Where the events of a session came from: the kernel, or a recording. */
export const sessionSources = ['live', 'replay'] as const;
export type SessionSource = (typeof sessionSources)[number];

/** Why a step that was completed stayed out of the baselines. */
export const stepDiscardReasons = {
	first: { name: 'first', description: 'The first of its thread: it has no beginning.' },
	backwards: { name: 'backwards', description: 'Ends before it begins.' },
	tooLong: { name: 'too_long', description: 'Longer than a step can be: the process was stopped or the server idle.' },
	empty: { name: 'empty', description: 'Enqueued no work.' },
	idleResume: {
		name: 'idle_resume',
		description: 'The first after a pause: its duration includes waiting for a request.',
	},
	tainted: { name: 'tainted', description: 'Part of what it consists of was lost.' },
} as const;
export type StepDiscardReason = (typeof stepDiscardReasons)[keyof typeof stepDiscardReasons]['name'];

/** Why a step was slow. */
export const slowStepCauses = {
	cpuContention: { name: 'cpu_contention', description: 'Its threads were ready to run and other tasks had the CPU.' },
	lockWait: {
		name: 'lock_wait',
		description: 'Its threads waited for another one of the process: for a lock, such as that of the interpreter.',
	},
	gpuContention: { name: 'gpu_contention', description: 'Another process kept the GPU busy.' },
	memoryPressure: { name: 'memory_pressure', description: 'It allocated or freed device memory, or ran short of it.' },
	copyInterference: { name: 'copy_interference', description: 'Copies took the time or the bandwidth.' },
	graphFallback: { name: 'graph_fallback', description: 'It launched single kernels where its like replay a graph.' },
	throttled: { name: 'throttled', description: 'The GPU held its clocks down.' },
	hostIo: { name: 'host_io', description: 'Its threads waited for disk, or for memory to be read in.' },
	hostDelay: { name: 'host_delay', description: 'Its process was late by itself: it slept or computed for longer.' },
	peerWait: { name: 'peer_wait', description: 'It waited for another rank with which it keeps step.' },
	moreWork: { name: 'more_work', description: 'It was given more work than its like.' },
	unknown: { name: 'unknown', description: 'The evidence points nowhere.' },
} as const;
export type SlowStepCause = (typeof slowStepCauses)[keyof typeof slowStepCauses]['name'];

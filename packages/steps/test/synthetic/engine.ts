import fc from 'fast-check';
import type { Call } from './call';

/** How an engine learns that its results have arrived. */
const WAITS = ['stream', 'streamQuery', 'context', 'event', 'eventQuery', 'blocking'] as const;
type Wait = (typeof WAITS)[number];

const WORK = {
	launch: 'cuLaunchKernel',
	graph: 'cuGraphLaunch',
	collective: 'ncclAllReduce',
	memset: 'cuMemsetD8Async',
	hostFunction: 'cuLaunchHostFunc',
	hostToDevice: 'cuMemcpyHtoDAsync_v2',
	deviceToDevice: 'cuMemcpyDtoDAsync_v2',
	unknownCopy: 'cuMemcpyAsync',
	alloc: 'cuMemAlloc_v2',
	free: 'cuMemFree_v2',
} as const;
/** What belongs to the thread's latest stream in one table or the other: only the reader does that. */
const MAY_NAME_NO_STREAM = ['memset', 'hostToDevice', 'deviceToDevice', 'unknownCopy', 'alloc', 'free'];

interface WorkSpec {
	readonly kind: keyof typeof WORK;
	/** Another thread than the one that reads back; the reader joins its side streams by an event. */
	readonly byWorker: boolean;
	/** 0 is the stream that is read back. */
	readonly stream: number;
	readonly function: number;
	readonly blocks: number;
	readonly bytes: number;
}

interface StepSpec {
	readonly work: readonly WorkSpec[];
	/** Sizes of the copies that bring the result back, all in a row. */
	readonly copies: readonly number[];
	/** Waits that come when there is nothing to wait for any more. */
	readonly extraWaits: number;
	/** Queries that come too early. */
	readonly failedQueries: number;
}

export interface EngineSpec {
	readonly wait: Wait;
	/** Enqueues a step before it waits for the one before. */
	readonly ahead: boolean;
	readonly steps: readonly StepSpec[];
	/** Launches at the end that nobody reads back. */
	readonly unread: number;
}

/** A call before it has a process and a time. */
export type Action = Omit<Call, 'pid' | 'tNs'>;

/** One step as the engine made it: the truth to compare with. */
export interface TrueStep {
	readonly reader: number;
	/** Everything enqueued for it, in order, up to its last copy; the same objects as in the engine's actions. */
	readonly actions: readonly Action[];
	readonly lastCopy: Action;
	readonly completedBy: Action;
}

export interface Engine {
	readonly actions: readonly Action[];
	readonly steps: readonly TrueStep[];
}

const workSpec: fc.Arbitrary<WorkSpec> = fc.record({
	kind: fc.constantFrom(...(Object.keys(WORK) as (keyof typeof WORK)[]), 'launch', 'launch'),
	byWorker: fc.boolean(),
	stream: fc.constantFrom(0, 0, 1, 2),
	function: fc.integer({ min: 0x7f3a_0000_0000, max: 0x7f3a_0000_00ff }),
	blocks: fc.integer({ min: 1, max: 2 ** 31 }),
	bytes: fc.integer({ min: 0, max: 2 ** 36 }),
});

const stepSpec: fc.Arbitrary<StepSpec> = fc.record({
	work: fc.array(workSpec, { maxLength: 6 }),
	copies: fc.array(fc.nat(4096), { minLength: 1, maxLength: 4 }),
	extraWaits: fc.nat(8),
	failedQueries: fc.nat(2),
});

export const engineSpec: fc.Arbitrary<EngineSpec> = fc.record({
	wait: fc.constantFrom(...WAITS),
	ahead: fc.boolean(),
	steps: fc.array(stepSpec, { maxLength: 5 }),
	unread: fc.nat(2),
});

/**
 * Plays an engine's loop. The same place gives the same handles and threads, so that two processes have equal ones.
 *
 * @param place tells engines of one process apart
 */
export function runEngine(spec: EngineSpec, place: number): Engine {
	const reader = 100 + 10 * place;
	const streams = [0, 1, 2].map((number) => 0x7f3a_5c00_0000 + 0x1000 * place + 0x100 * number);
	const main = streams[0] as number;
	// As many handles as steps under way, used again and again.
	const eventOf = (step: number) => 0x7f3a_6000_0000 + 0x1000 * place + (step % 2);
	const actions: Action[] = [];
	const act = (name: string, tid: number, facts: Partial<Action> = {}): Action => {
		const action = { name, tid, ...facts };
		actions.push(action);
		return action;
	};

	const enqueue = ({ work, copies }: StepSpec, step: number): Omit<TrueStep, 'completedBy'> => {
		const from = actions.length;
		act('cuLaunchKernel', reader, { stream: main, function: 0x7f3a_0000_1000, blocks: step + 1 });
		const sides = new Set<number>();
		for (const { kind, byWorker, stream: number, ...facts } of work) {
			const tid = byWorker && !MAY_NAME_NO_STREAM.includes(kind) ? reader + 1 : reader;
			const stream = streams[number] as number;
			act(WORK[kind], tid, kind === 'alloc' || kind === 'free' ? facts : { ...facts, stream });
			if (tid !== reader && stream !== main) sides.add(stream);
		}
		for (const stream of sides) {
			act('cuEventRecord', reader + 1, { event: stream + 1, stream });
			act('cuStreamWaitEvent', reader, { event: stream + 1, stream: main });
		}
		const isBlocking = spec.wait === 'blocking';
		const [copy, copyStream] = isBlocking ? ['cuMemcpyDtoH_v2', 0] : ['cuMemcpyDtoHAsync_v2', main];
		for (const bytes of isBlocking ? copies.slice(0, 1) : copies) act(copy, reader, { stream: copyStream, bytes });
		const own = actions.slice(from);
		if (spec.wait === 'event' || spec.wait === 'eventQuery') {
			const name = step % 3 === 0 ? 'cuEventRecord' : 'cuEventRecordWithFlags';
			act(name, reader, { event: eventOf(step), stream: main });
		}
		return { reader, actions: own, lastCopy: own.at(-1) as Action };
	};

	const wait = (enqueued: Omit<TrueStep, 'completedBy'>, { extraWaits, failedQueries }: StepSpec, step: number) => {
		const [name, facts]: [string, Partial<Action>] = {
			stream: ['cuStreamSynchronize', { stream: main }] as [string, Partial<Action>],
			streamQuery: ['cuStreamQuery', { stream: main }] as [string, Partial<Action>],
			context: ['cuCtxSynchronize', {}] as [string, Partial<Action>],
			event: ['cuEventSynchronize', { event: eventOf(step) }] as [string, Partial<Action>],
			eventQuery: ['cuEventQuery', { event: eventOf(step) }] as [string, Partial<Action>],
			blocking: ['cuStreamSynchronize', { stream: main }] as [string, Partial<Action>],
		}[spec.wait];
		if (name.endsWith('Query')) for (let i = 0; i < failedQueries; i++) act(name, reader, { ...facts, result: 600 });
		const first = spec.wait === 'blocking' ? enqueued.lastCopy : act(name, reader, { ...facts, result: 0 });
		for (let i = 0; i < extraWaits; i++) act(name, reader, { ...facts, result: 0 });
		return { ...enqueued, completedBy: first };
	};

	const isAhead = spec.ahead && (spec.wait === 'event' || spec.wait === 'eventQuery');
	const steps: TrueStep[] = [];
	let pending: Omit<TrueStep, 'completedBy'> | undefined;
	for (const [step, stepSpec] of spec.steps.entries()) {
		const enqueued = enqueue(stepSpec, step);
		if (pending !== undefined) steps.push(wait(pending, spec.steps[step - 1] as StepSpec, step - 1));
		pending = isAhead ? enqueued : undefined;
		if (!isAhead) steps.push(wait(enqueued, stepSpec, step));
	}
	if (pending !== undefined) steps.push(wait(pending, spec.steps.at(-1) as StepSpec, spec.steps.length - 1));
	for (let i = 0; i < spec.unread; i++) act('cuLaunchKernel', reader, { stream: main, function: 1, blocks: 1 });
	return { actions, steps };
}

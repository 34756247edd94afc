import { type CompletedLedger, EventPipeline, OperationTable, SourceClock, type StepEvidence } from '../../src/index';

const BASE_NS = 1_000_000_000_000n;
const STREAM = 7;
const PID = 40;
const TID = 41;
/** Another thread of the process, and another process. */
export const WORKER = 42;
export const OTHER = 90;
const TABLE = {
	launch: { code: 1, name: 'cuLaunchKernel', args: ['function', 'stream', 'grid_blocks<<12|min(block_threads,4095)'] },
	readBack: { code: 2, name: 'cuMemcpyDtoHAsync_v2', args: ['dst', 'stream', 'bytes'] },
	copy: { code: 3, name: 'cuMemcpyHtoDAsync_v2', args: ['dst', 'stream', 'bytes'] },
	wait: { code: 4, name: 'cuStreamSynchronize', args: ['stream', '-', 'return_code'] },
	alloc: { code: 5, name: 'cuMemAlloc_v2', args: ['bytes', 'device_pointer', 'return_code'] },
	out: { code: 6, name: 'sched_switch_out', args: ['tid', 'prev_state', 'next_tid'] },
	in: { code: 7, name: 'sched_switch_in', args: ['tid', '-', 'prev_tid'] },
	woken: { code: 8, name: 'sched_wakeup', args: ['tid', '-', '-'] },
	record: { code: 9, name: 'cuEventRecord', args: ['event', 'stream', '-'] },
	joined: { code: 10, name: 'cuStreamWaitEvent', args: ['stream', 'event', '-'] },
	hostFunction: { code: 11, name: 'cuLaunchHostFunc', args: ['stream', 'fn', 'user_data'] },
} as const;
export const STATE: { readonly preempted: number; readonly asleep: number; readonly disk: number } = {
	preempted: 0,
	asleep: 1,
	disk: 2,
};

/** Writes down what happens, one line an event, times in us; both forms of scheduler events. */
export class Script {
	readonly #records: { readonly atUs: number; readonly words: readonly number[] }[] = [];
	constructor(readonly form: 'thread' | 'current') {}

	call(atUs: number, name: CallName, who: Who = {}): this {
		const { pid = PID, tid = TID, tookUs = 0, bytes = 4, stream = STREAM, event = 0 } = who;
		const args = TABLE[name].args.map((arg) => ({ stream, event, bytes })[arg as string] ?? (arg === '-' ? 0 : 1));
		return this.#write(atUs, name, pid, tid, args, tookUs);
	}

	/** A thread leaves the CPU to `next`, and comes back after it was woken, in place of `previous`. */
	off(
		fromUs: number,
		untilUs: number,
		state: number,
		{ tid = TID, pid = PID, next = 0, previous = next, wokenUs }: Off = {},
	): this {
		this.#write(fromUs, 'out', pid, tid, [tid, state, next]);
		if (wokenUs !== undefined) this.#write(wokenUs, 'woken', ...this.#current(0, 0, pid, tid), [tid, 0, 0]);
		const previousPid = previous === WORKER ? PID : previous === OTHER ? OTHER : 0;
		return this.#write(untilUs, 'in', ...this.#current(previousPid, previous, pid, tid), [tid, 0, previous]);
	}

	/** Another thread comes to a CPU, or leaves it. */
	runs(atUs: number, untilUs: number, tid: number, pid: number = PID): this {
		this.#write(atUs, 'in', ...this.#current(0, 0, pid, tid), [tid, 0, 0]);
		return this.#write(untilUs, 'out', pid, tid, [tid, STATE.asleep, 0]);
	}

	steps({ without = [] }: { readonly without?: readonly string[] } = {}): CompletedLedger[] {
		const rows = Object.values(TABLE).filter(({ name }) => !without.includes(name));
		const all: CompletedLedger[] = [];
		const pipeline = new EventPipeline({
			table: new OperationTable(new Map(rows.map(({ code, name, args }) => [code, { name, args }]))),
			clock: new SourceClock(BASE_NS),
			onCompleted: (ledger) => all.push(ledger),
		});
		const sorted = this.#records.toSorted((a, b) => a.atUs - b.atUs);
		pipeline.push(Uint32Array.from(sorted.flatMap(({ words }) => words)), sorted.length);
		pipeline.end();
		return all;
	}

	/** Of the last step. */
	evidence(options: { readonly without?: readonly string[] } = {}): StepEvidence | undefined {
		return this.steps(options).at(-1)?.evidence;
	}

	#current(pid: number, tid: number, ownPid: number, ownTid: number): [number, number] {
		return this.form === 'current' ? [pid, tid] : [ownPid, ownTid];
	}

	#write(atUs: number, name: keyof typeof TABLE, pid: number, tid: number, args: readonly number[], tookUs = 0): this {
		const time = BASE_NS + BigInt(atUs * 1000);
		const head = [Number(time & 0xffff_ffffn), Number(time >> 32n), tookUs * 1000, pid, tid, TABLE[name].code];
		this.#records.push({ atUs, words: [...head, ...args.flatMap((arg) => [arg, 0])] });
		return this;
	}
}

type CallName = 'launch' | 'readBack' | 'copy' | 'wait' | 'alloc' | 'record' | 'joined' | 'hostFunction';

interface Who {
	readonly stream?: number;
	readonly event?: number;
	readonly pid?: number;
	readonly tid?: number;
	readonly tookUs?: number;
	readonly bytes?: number;
}
interface Off {
	readonly pid?: number;
	readonly tid?: number;
	readonly next?: number;
	readonly previous?: number;
	readonly wokenUs?: number;
}

/** A step that ends at 1,000 us; the next one launches at 1,100, reads back at 2,000, and its wait returns at 5,000. */
export function twoSteps(form: 'thread' | 'current', waitUs = 2000): Script {
	return new Script(form)
		.call(100, 'launch')
		.call(200, 'readBack')
		.call(1000, 'wait', { tookUs: 700 })
		.call(1100, 'launch')
		.call(2000, 'readBack')
		.call(5000, 'wait', { tookUs: waitUs });
}

export const us = (evidence: StepEvidence | undefined): Record<string, number> =>
	Object.fromEntries(
		Object.entries(evidence ?? {}).flatMap(([name, value]) =>
			name.endsWith('Ns') && value !== 0 ? [[name.slice(0, -2), value / 1000]] : [],
		),
	);

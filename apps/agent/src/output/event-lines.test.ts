import { type EventMessage, event } from '@ingero/contract/messages';
import { probedOperations } from '@ingero/probes';
import { SourceClock } from '@ingero/steps';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { violations } from '../../test/helpers/contract-check';
import { parseLines } from '../../test/helpers/messages';
import { encodeRecords, type Written } from '../../test/helpers/records';
import { EventLines, type StackLines } from './event-lines';
import { exactJson } from './exact-json';

const PID = 7;
const operations = probedOperations({ nccl: true, stacks: true });
const codes = new Map([...operations].map(([code, { name }]) => [name, code]));
const clock = new SourceClock(0n);

interface Call {
	readonly ns: number;
	readonly name: string;
	readonly args?: readonly bigint[];
	readonly pid?: number;
	readonly tid?: number;
}

function written({ ns, name, args, pid = PID, tid = pid }: Call): Written {
	return { ns: BigInt(ns), pid, tid, op: codes.get(name) as number, ...(args === undefined ? {} : { args }) };
}

class Printed {
	readonly messages: EventMessage[] = [];
	readonly forgotten: number[] = [];
	readonly #lines: EventLines;

	constructor(stacks?: StackLines['of']) {
		this.#lines = new EventLines(
			{ clock, operations },
			{
				stacks: stacks && { of: stacks, forgetProcess: (pid) => this.forgotten.push(pid), close: () => {} },
				write: (message) => this.messages.push(message),
			},
		);
	}

	tell(...calls: readonly Call[]): this {
		for (const call of calls) this.#lines.handleCall(encodeRecords([written(call)]), 0, call.ns);
		return this;
	}

	deliver(...calls: readonly Call[]): this {
		this.#lines.events(encodeRecords(calls.map(written)), calls.length);
		return this;
	}

	end(): this {
		this.#lines.flush();
		return this;
	}
}

const COMM = 0x7f00_0000_1000n;
const packed = (count: number, datatype: number, op: number, peer: number) =>
	(BigInt(count) << 24n) | BigInt((datatype << 20) | (op << 16) | peer);
const made = (ns: number, rank: number, idHash: bigint, comm = COMM): Call => ({
	ns,
	name: 'ncclCommInitRank',
	args: [(8n << 32n) | BigInt(rank), comm, idHash],
});
const reduced = (ns: number, comm = COMM): Call => ({
	ns,
	name: 'ncclAllReduce',
	args: [packed(1024, 9, 0, 0xffff), comm, 0n],
});

describe('the line of a NCCL call', () => {
	test('says what is moved, and between whom', () => {
		const { messages } = new Printed().tell(made(10, 3, 0xabcn)).deliver(reduced(20));
		expect(messages[0]?.nccl).toEqual({
			init_seen: true,
			comm_id_hash: '0000000000000abc',
			rank: 3,
			nranks: 8,
			datatype: 'bfloat16',
			count: 1024,
			bytes: 2048,
			reduce_op: 'sum',
		});
	});

	test.each([
		['ncclSend', packed(5, 7, 0xf, 0), { datatype: 'float32', count: 5, bytes: 20, peer_rank: 0 }],
		['ncclBroadcast', packed(5, 8, 0xf, 6), { datatype: 'float64', count: 5, bytes: 40, peer_rank: 6 }],
		['ncclReduce', packed(1, 11, 4, 2), { datatype: 'float8e5m2', count: 1, bytes: 1, reduce_op: 'avg', peer_rank: 2 }],
		['ncclAllReduce', packed(3, 13, 9, 0xffff), { count: 3 }],
		[
			'ncclAllGather',
			packed(2 ** 40 - 1, 4, 0xf, 0xffff),
			{ datatype: 'int64', count: 2 ** 40 - 1, bytes: 8 * (2 ** 40 - 1) },
		],
	])('leaves out what %s does not have, or what has no name', (name, argument, expected) => {
		const { messages } = new Printed().deliver({ ns: 20, name, args: [argument, COMM, 0n] });
		expect(messages[0]?.nccl).toEqual({ init_seen: false, ...expected });
	});

	test('says that the communicator was made before, and what was asked of it since', () => {
		const printed = new Printed().deliver(reduced(20));
		printed.tell({ ns: 30, name: 'ncclCommUserRank', args: [0n, COMM, 0n] }).deliver(reduced(40));
		printed.tell({ ns: 50, name: 'ncclCommCount', args: [4n, COMM, 0n] }).deliver(reduced(60));
		const known = printed.messages.map(({ nccl }) => [nccl?.init_seen, nccl?.rank, nccl?.nranks]);
		expect(known).toEqual([
			[false, undefined, undefined],
			[false, 0, undefined],
			[false, 0, 4],
		]);
	});

	test('of its making and its end names it too, unless it could not be made', () => {
		const end: Call = { ns: 30, name: 'ncclCommDestroy', args: [0n, COMM, 0n] };
		const calls = [made(10, 1, 5n), made(20, 1, 5n, 0n), end, reduced(40)];
		const { messages } = new Printed().tell(...calls.slice(0, 3)).deliver(...calls);
		const identity = { init_seen: true, comm_id_hash: '0000000000000005', rank: 1, nranks: 8 };
		expect(messages.map(({ nccl }) => nccl)).toEqual([
			identity,
			undefined,
			identity,
			expect.objectContaining({ init_seen: false }),
		]);
	});

	test('is of its own process, and of that alone which has the number now', () => {
		const other = { ...reduced(20), pid: 8 };
		const exit: Call = { ns: 30, name: 'process_exit' };
		const printed = new Printed().tell(made(10, 1, 5n)).deliver(other, reduced(25), exit, reduced(40));
		expect(printed.messages.map(({ nccl }) => nccl?.init_seen)).toEqual([false, true, undefined, false]);
	});
});

const EXECUTABLE = 0x99n;
const chain = (from: number): Call[] => [
	{ ns: from, name: 'cuStreamBeginCapture_v2', args: [0x55n, 2n, 0n] },
	{ ns: from + 1, name: 'cuStreamEndCapture', args: [0x55n, 0x77n, 0n] },
	{ ns: from + 2, name: 'cuGraphInstantiateWithFlags', args: [0x77n, EXECUTABLE, 0n] },
];
const launched = (ns: number): Call => ({ ns, name: 'cuGraphLaunch', args: [EXECUTABLE, 0x55n, 0n] });

describe('the line of a graph launch', () => {
	test('says which graph it is, and how that was captured', () => {
		const { messages } = new Printed().tell(...chain(10)).deliver(launched(20));
		expect(messages[0]?.graph).toEqual({ graph: '119', captured_on: '85', capture_mode: 'relaxed' });
	});

	test('says of a graph that was built which one it is', () => {
		const { messages } = new Printed().tell(...chain(10).slice(2)).deliver(launched(20));
		expect(messages[0]?.graph).toEqual({ graph: '119' });
	});

	test('says nothing where the instantiation was not seen, or failed', () => {
		const [begin, end, instantiated] = chain(10) as [Call, Call, Call];
		const failed = { ...instantiated, args: [0x77n, EXECUTABLE, 2n] };
		expect(new Printed().deliver(launched(20)).messages[0]?.graph).toBeUndefined();
		expect(new Printed().tell(begin, end, failed).deliver(launched(20)).messages[0]?.graph).toBeUndefined();
	});

	test('belongs to the launch, not to the calls before it', () => {
		const { messages } = new Printed().tell(...chain(10)).deliver(...chain(10), launched(20));
		expect(messages.map(({ graph }) => graph !== undefined)).toEqual([false, false, false, true]);
	});
});

/** Calls of one moment each, now and then of the same one, that make, use and end few handles. */
const history = fc
	.array(
		fc.record({
			wait: fc.integer({ min: 0, max: 2 }),
			pid: fc.constantFrom(PID, 8),
			comm: fc.constantFrom(0x1000n, 0x2000n),
			what: fc.constantFrom('make', 'end', 'ask', 'use', 'instantiate', 'destroy', 'launch', 'exit'),
			value: fc.bigInt({ min: 1n, max: 50n }),
			isAdmitted: fc.boolean(),
		}),
		{ minLength: 1, maxLength: 60 },
	)
	.map((steps) => {
		let ns = 1;
		let wasUse = false;
		return steps.map(({ wait, pid, comm, what, value, isAdmitted }, i) => {
			// A call that uses a handle in the nanosecond of one that makes or ends it has no order with that.
			const isUse = what === 'use' || what === 'launch';
			ns += isUse && wasUse ? wait : 1 + wait;
			wasUse = isUse;
			const call = { ns, pid, tid: i };
			const calls: Record<typeof what, Call> = {
				make: { ...made(ns, Number(value % 8n), value, comm), ...call },
				end: { ...call, name: 'ncclCommDestroy', args: [0n, comm, 0n] },
				ask: { ...call, name: 'ncclCommUserRank', args: [value, comm, 0n] },
				use: { ...reduced(ns, comm), ...call },
				instantiate: { ...call, name: 'cuGraphInstantiateWithFlags', args: [value, EXECUTABLE, 0n] },
				destroy: { ...call, name: 'cuGraphExecDestroy', args: [EXECUTABLE, 0n, 0n] },
				launch: { ...launched(ns), ...call },
				exit: { ...call, name: 'process_exit' },
			};
			return {
				call: calls[what],
				isTold: !isUse && what !== 'exit',
				isAdmitted: isAdmitted || what === 'exit',
			};
		});
	});

/** What the lines should say, the slow way: everything is looked for in what was before. */
function expected(calls: readonly Call[]): (Partial<EventMessage> | undefined)[] {
	return calls.map(({ name, pid, args = [] }, at) => {
		const since = calls.slice(0, at + 1).findLastIndex((call) => call.name === 'process_exit' && call.pid === pid);
		const own = calls.slice(since + 1, at + 1).filter((call) => call.pid === pid);
		const lastOf = (names: readonly string[], place: number, value: bigint | undefined) =>
			own.findLastIndex((call) => names.includes(call.name) && call.args?.[place] === value);
		if (name === 'cuGraphLaunch') {
			const origin = lastOf(['cuGraphInstantiateWithFlags'], 1, EXECUTABLE);
			if (origin < 0 || lastOf(['cuGraphExecDestroy'], 0, EXECUTABLE) > origin) return {};
			return { graph: { graph: String(own[origin]?.args?.[0]) } };
		}
		if (!name.startsWith('nccl')) return {};
		const before = name === 'ncclCommDestroy' ? own.slice(0, -1) : own;
		const ended = before.findLastIndex((call) => call.name === 'ncclCommDestroy' && call.args?.[1] === args[1]);
		const life = before.slice(ended + 1).filter((call) => call.args?.[1] === args[1]);
		const birth = life.findLast((call) => call.name === 'ncclCommInitRank');
		const facts = life.findLast((call) => ['ncclCommInitRank', 'ncclCommUserRank'].includes(call.name));
		const rank = facts && Number((facts.args?.[0] as bigint) & 0xffff_ffffn);
		const nccl = { init_seen: birth !== undefined, ...(rank === undefined ? {} : { rank }) };
		return {
			nccl:
				birth === undefined ? nccl : { ...nccl, comm_id_hash: String(birth.args?.[2]?.toString(16)).padStart(16, '0') },
		};
	});
}

function facts({ nccl, graph }: EventMessage): Partial<EventMessage> {
	if (graph !== undefined) return { graph };
	if (nccl === undefined) return {};
	const { init_seen, rank, comm_id_hash } = nccl;
	return {
		nccl: {
			init_seen,
			...(rank === undefined ? {} : { rank }),
			...(comm_id_hash === undefined ? {} : { comm_id_hash }),
		},
	};
}

describe('what a handle meant at that moment', () => {
	test('is told of live calls, of which few are admitted and all about handles are told before', () => {
		fc.assert(
			fc.property(history, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (all, sizes) => {
				const printed = new Printed();
				for (let from = 0, i = 0; from < all.length; i++) {
					const part = all.slice(from, from + (sizes[i % sizes.length] as number));
					from += part.length;
					printed.tell(...part.filter(({ isTold }) => isTold).map(({ call }) => call));
					printed.deliver(...part.filter(({ isAdmitted }) => isAdmitted).map(({ call }) => call));
				}
				const wanted = expected(all.map(({ call }) => call)).filter((_, i) => all[i]?.isAdmitted);
				expect(printed.messages.map(facts)).toEqual(wanted);
			}),
			{ seed: 20261129, numRuns: 400 },
		);
	});

	test('is told of replayed calls, which are all there, and about handles once more later', () => {
		fc.assert(
			fc.property(history, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 }), (all, size, lag) => {
				const printed = new Printed();
				const told = all.filter(({ isTold }) => isTold).map(({ call }) => call);
				let next = 0;
				for (let from = 0; from < all.length; from += size) {
					const part = all.slice(from, from + size).map(({ call }) => call);
					printed.deliver(...part);
					const untilNs = (part.at(-1)?.ns as number) - lag;
					while (next < told.length && (told[next] as Call).ns <= untilNs) printed.tell(told[next++] as Call);
				}
				expect(printed.messages.map(facts)).toEqual(expected(all.map(({ call }) => call)));
			}),
			{ seed: 20261130, numRuns: 400 },
		);
	});
});

describe('stacks', () => {
	const stack = (ns: number, name: string, id: number, tid = PID): Call => ({
		ns,
		name: 'call_stack',
		args: [BigInt(id), BigInt(codes.get(name) as number), 0n],
		tid,
	});
	const launch = (ns: number, tid = PID): Call => ({ ns, name: 'cuLaunchKernel', args: [1n, 2n, 3n], tid });
	const named = (pid: number, id: number) => (id < 100 ? [`${pid}!f${id}+0x1`] : undefined);

	test('stand in the line of the call that they were taken of', () => {
		const printed = new Printed(named).deliver(
			launch(10),
			stack(10, 'cuLaunchKernel', 1),
			launch(20, 8),
			launch(20, 9),
			{ ns: 20, name: 'cuStreamSynchronize', args: [0n, 0n, 0n], tid: 9 },
			stack(20, 'cuStreamSynchronize', 4, 9),
			stack(20, 'cuLaunchKernel', 3, 9),
			stack(20, 'cuLaunchKernel', 2, 8),
		);
		expect(printed.end().messages.map(({ ts_ns, tid, op, stack }) => [ts_ns, tid, op, stack])).toEqual([
			[10n, 7, 'cuLaunchKernel', ['7!f1+0x1']],
			[20n, 8, 'cuLaunchKernel', ['7!f2+0x1']],
			[20n, 9, 'cuLaunchKernel', ['7!f3+0x1']],
			[20n, 9, 'cuStreamSynchronize', ['7!f4+0x1']],
		]);
	});

	test('may come with the next batch', () => {
		const printed = new Printed(named).deliver(launch(10), launch(20)).deliver(stack(20, 'cuLaunchKernel', 2));
		expect(printed.end().messages.map(({ stack }) => stack)).toEqual([undefined, ['7!f2+0x1']]);
	});

	test('that were lost, or of which nothing is known, leave the line as it is', () => {
		const printed = new Printed(named).deliver(launch(10), launch(20), stack(20, 'cuLaunchKernel', 100), launch(30));
		expect(printed.end().messages.map((message) => 'stack' in message)).toEqual([false, false, false]);
	});

	test('are no lines of their own, and hold nobody up where nobody names them', () => {
		const printed = new Printed().deliver(launch(10), stack(10, 'cuLaunchKernel', 1), launch(20));
		expect(printed.messages.map(({ op }) => op)).toEqual(['cuLaunchKernel', 'cuLaunchKernel']);
	});

	test('of an ended process are forgotten', () => {
		const printed = new Printed(named).deliver(launch(10), { ns: 20, name: 'process_exit' });
		expect(printed.forgotten).toEqual([PID]);
	});
});

test('every line is as the contract says, and in its order', () => {
	const printed = new Printed(() => ['a!b+0x1', '0x7f00'])
		.tell(made(10, 3, 0xabcn), ...chain(11))
		.deliver(reduced(20), launched(30), {
			ns: 30,
			name: 'call_stack',
			args: [1n, BigInt(codes.get('cuGraphLaunch') as number), 0n],
		})
		.end();
	const lines = parseLines(printed.messages.map((message) => `${exactJson(message)}\n`).join(''));
	expect(lines.flatMap((line) => violations(line, event))).toEqual([]);
	expect(lines.map((line) => Object.keys(line).slice(7))).toEqual([['nccl'], ['graph', 'stack']]);
});

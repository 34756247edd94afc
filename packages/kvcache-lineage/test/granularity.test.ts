import { describe, expect, test } from 'vitest';
import { type AllocationKind, AllocationLineage, type LineageOptions } from '../src/index';

const MIB = 1024 * 1024;
const MS = 1e6;
const S = 1e9;

/** A process that allocates and frees as told, at addresses that are never used twice. */
class Process {
	readonly lineage: AllocationLineage;
	nowNs = 0;
	#next = 2 ** 46;

	constructor(options: LineageOptions & { readonly fromStart?: boolean } = {}) {
		const { fromStart = true, ...rest } = options;
		this.lineage = new AllocationLineage(rest);
		if (fromStart) this.lineage.processStarted(1);
	}

	allocate(bytes: number, kind: AllocationKind = 'device', count = 1): number {
		const first = this.#next;
		for (let i = 0; i < count; i++) {
			this.lineage.allocated({ pid: 1, kind, pointer: this.#next, bytes, tNs: this.nowNs });
			this.#next += bytes;
		}
		return first;
	}

	free(pointer: number): void {
		this.lineage.freed({ pid: 1, pointer, tNs: this.nowNs });
	}

	/** Buffers of a request each: allocated, used for a second, freed; at a steady pace. */
	serve(seconds: number, bytes: number, kind: AllocationKind = 'device', perSecond = 4): void {
		const live: number[] = [];
		for (let i = 0; i < seconds * perSecond; i++) {
			this.nowNs += S / perSecond;
			live.push(this.allocate(bytes, kind));
			if (live.length > Math.max(1, perSecond)) this.free(live.shift() as number);
		}
	}

	get granularity(): string | undefined {
		return this.lineage.summary(1, this.nowNs)?.granularity;
	}
}

/** PyTorch's sizes: 2 MiB for small tensors, 20 MiB for medium ones, then the tensor's own in whole 2 MiB. */
function loadModel(process: Process): void {
	for (let layer = 0; layer < 16; layer++) {
		process.nowNs += 10 * MS;
		process.allocate(44 * MIB, 'device', 3);
		process.allocate(20 * MIB);
		process.allocate(2 * MIB);
	}
	process.allocate(250 * MIB);
}

describe('blocks', () => {
	test('when a server really allocates a buffer a request', () => {
		const process = new Process();
		process.serve(20, 1_234_567);
		expect(process.granularity).not.toBe('blocks');
		process.serve(15, 1_234_567);
		expect(process.granularity).toBe('blocks');
		process.serve(60, 1_234_567);
		expect(process.granularity).toBe('blocks');
	});

	test('not from one every other second: that is less than a minute shows well', () => {
		const process = new Process();
		process.serve(60, 1_234_567, 'device', 0.5);
		expect(process.granularity).toBe('unknown');
	});

	test('through cudaMallocAsync every size is a buffer', () => {
		const process = new Process();
		process.serve(60, 4 * MIB, 'async');
		expect(process.granularity).toBe('blocks');
	});

	test('not from a burst, nor once it is over', () => {
		const process = new Process();
		process.serve(5, 1_234_567, 'device', 400);
		expect(process.granularity).not.toBe('blocks');
		process.serve(60, 1_234_567);
		expect(process.granularity).toBe('blocks');
		process.nowNs += 60 * S;
		expect(process.granularity).not.toBe('blocks');
	});

	test('not when most bytes are in segments: the oldest allocations would not be blocks', () => {
		const process = new Process();
		loadModel(process);
		process.serve(60, 100_000);
		expect(process.granularity).toBe('segments');
	});

	test('not when nothing is freed', () => {
		const process = new Process();
		for (let i = 0; i < 240; i++) {
			process.nowNs += S / 4;
			process.allocate(1_234_567);
		}
		expect(process.granularity).toBe('unknown');
	});
});

describe('segments', () => {
	test('a model in a caching allocator that is quiet or grows', () => {
		const process = new Process({ fromStart: false });
		loadModel(process);
		expect(process.granularity).toBe('segments');
		process.nowNs += 3600 * S;
		expect(process.granularity).toBe('segments');
	});

	test('an emptied cache that fills again is none the more blocks', () => {
		const process = new Process();
		for (let i = 0; i < 240; i++) {
			process.nowNs += S / 4;
			const segments = Array.from({ length: 24 }, () => process.allocate(192 * MIB));
			for (const pointer of segments) process.free(pointer);
		}
		process.allocate(20 * MIB, 'device', 3);
		expect(process.granularity).toBe('segments');
	});
});

describe('segments of few bytes or few in number', () => {
	test('some of a library beside them change nothing, most do', () => {
		const process = new Process();
		process.allocate(64 * MIB);
		process.allocate(1024);
		expect(process.granularity).toBe('segments');
		process.allocate(128 * 1024);
		expect(process.granularity).toBe('unknown');
	});
});

describe('pool', () => {
	const vllm = (process: Process, layers: number) => {
		loadModel(process);
		process.allocate(1406 * MIB, 'device', layers);
	};

	test.for([1, 32])('a KV cache in %i allocations, after a minute without change', (layers) => {
		const process = new Process();
		vllm(process, layers === 1 ? 32 : layers);
		if (layers === 1) process.allocate(100_000 * MIB);
		expect(process.granularity).toBe('segments');
		process.nowNs += 61 * S;
		expect(process.granularity).toBe('pool');
	});

	test('a workspace now and then makes it no less one', () => {
		const process = new Process();
		vllm(process, 32);
		process.nowNs += 120 * S;
		process.allocate(62 * MIB);
		expect(process.granularity).toBe('pool');
	});

	test('not when no size makes up most of it', () => {
		const process = new Process();
		for (let i = 0; i < 20; i++) process.allocate((20 + 2 * i) * MIB);
		process.nowNs += 120 * S;
		expect(process.granularity).toBe('segments');
	});

	test('not when as much came in a way whose end is not seen', () => {
		const process = new Process({ seesEndsOf: ['device', 'managed'] });
		process.allocate(1406 * MIB, 'device', 32);
		process.allocate(1406 * MIB, 'async', 31);
		process.nowNs += 120 * S;
		expect(process.granularity).toBe('pool');
		process.allocate(1406 * MIB, 'async');
		expect(process.granularity).toBe('unknown');
	});

	test('not when the watch began later, since what was not seen may be more', () => {
		const process = new Process({ fromStart: false });
		vllm(process, 32);
		process.nowNs += 120 * S;
		expect(process.granularity).toBe('segments');
	});

	test('not when something was freed that nobody saw allocated', () => {
		const process = new Process();
		vllm(process, 32);
		process.free(4711);
		process.nowNs += 120 * S;
		expect(process.granularity).toBe('segments');
	});
});

describe('mapped', () => {
	test('expandable segments: one range, 20 MiB at a time', () => {
		const process = new Process();
		for (let i = 0; i < 200; i++) {
			process.nowNs += 10 * MS;
			process.allocate(20 * MIB, 'mapped');
		}
		process.allocate(70_000);
		expect(process.granularity).toBe('mapped');
		process.nowNs += 120 * S;
		expect(process.granularity).toBe('mapped');
	});

	test('also when unmappings are not seen, and then without ages', () => {
		const process = new Process({ seesEndsOf: ['device'] });
		process.allocate(20 * MIB, 'mapped', 50);
		expect(process.granularity).toBe('mapped');
		expect(process.lineage.oldestAgesMs(1, S)).toEqual([]);
	});
});

describe('unknown', () => {
	test('nothing is live', () => {
		const process = new Process();
		expect(process.granularity).toBe('unknown');
		process.free(process.allocate(20 * MIB));
		expect(process.granularity).toBe('unknown');
	});

	test('most came through cudaMallocAsync, and frees of that are not seen', () => {
		const process = new Process({ seesEndsOf: ['device'] });
		process.allocate(20 * MIB, 'device', 10);
		process.serve(60, 10 * MIB, 'async');
		expect(process.granularity).toBe('unknown');
	});
});

test('renaming addresses and moving all times changes no summary', () => {
	const run = (firstPointer: number, startNs: number) => {
		const lineage = new AllocationLineage();
		lineage.processStarted(1);
		for (let i = 0; i < 600; i++) {
			const tNs = startNs + i * 97 * MS;
			const bytes = i % 3 === 0 ? 2 * MIB : 1000 + (i % 7);
			lineage.allocated({ pid: 1, kind: 'device', pointer: firstPointer + i * 4096, bytes, tNs });
			if (i >= 40) lineage.freed({ pid: 1, pointer: firstPointer + (i - 40) * 4096, tNs });
		}
		return lineage.summary(1, startNs + 600 * 97 * MS);
	};
	expect(run(2 ** 40, 3600 * S)).toEqual(run(2 ** 46, 0));
});

import { expect, test } from 'vitest';
import { InferenceEngine, type StepLedger, stepLedger } from '../src/index';

const MS = 1e6;

/** Requests of one prefill and ten decodes that copy unequal amounts, as every engine does. */
class Server {
	readonly engine = new InferenceEngine({ warmupSteps: 30 });
	#nowNs = 0;
	#steps = 0;

	step(options: { unseen?: boolean; slow?: number; decode?: boolean } = {}) {
		const isPrefill = options.decode !== true && this.#steps % 11 === 0;
		this.#steps += 1;
		const startNs = this.#nowNs;
		this.#nowNs += (isPrefill ? 40 : 5) * MS * (options.slow ?? 1) + (this.#steps % 7) * 1000;
		const work: Partial<StepLedger> = options.unseen
			? { launches: 0, gridBlocks: 0, kernelFingerprint: 0n, launchesUnseen: true }
			: { launches: isPrefill ? 400 : 90, gridBlocks: isPrefill ? 90_000 : 1000, functionSketch: sketch(isPrefill) };
		return this.engine.observe(
			stepLedger({
				pid: 1,
				tid: 1,
				firstWorkNs: startNs + 1000,
				completedNs: this.#nowNs,
				hostToDeviceBytes: isPrefill ? 16_000 : 200,
				deviceToHostBytes: 16,
				memcpyBytes: isPrefill ? 16_016 : 216,
				...work,
			}),
		);
	}

	warm(): this {
		for (let i = 0; i < 110 * 4; i++) this.step();
		return this;
	}
}

function sketch(isPrefill: boolean): Uint32Array {
	const words = new Uint32Array(8);
	words[isPrefill ? 1 : 2] = 0xff;
	return words;
}

test('a step whose launches were not watched has the phase of those that copied as much', () => {
	const server = new Server().warm();
	const verdicts = Array.from({ length: 110 }, () => server.step({ unseen: true }));
	expect(verdicts.map((verdict) => verdict?.phase)).toEqual(
		verdicts.map((_, i) => (i % 11 === 0 ? 'prefill' : 'decode')),
	);
	expect(new Set(verdicts.map((verdict) => verdict?.phaseEvidence))).toEqual(new Set(['held']));
	expect(verdicts.every((verdict) => verdict?.launchesUnseen)).toBe(true);
});

test('it is compared with its workload, and a slow one is found', () => {
	const server = new Server().warm();
	const usual = Array.from({ length: 110 }, () => server.step({ unseen: true }));
	expect(usual.filter((verdict) => verdict?.bucket !== null)).toEqual([]);
	expect(usual.every((verdict) => verdict?.warmed)).toBe(true);
	const slow = server.step({ unseen: true, decode: true, slow: 4 });
	expect(slow).toMatchObject({ phase: 'decode', bucket: '3x', launchesUnseen: true });
	expect(slow?.outlier).toBeDefined();
});

test('it is compared with those that copied as much, though its workload has larger ones', () => {
	const engine = new InferenceEngine({ warmupSteps: 30, classifier: 'off' });
	let nowNs = 0;
	const step = (batch: number, slow = 1) => {
		const startNs = nowNs;
		nowNs += batch * MS * slow + (nowNs % 7) * 1000;
		const copied = { hostToDeviceBytes: 64 * batch, deviceToHostBytes: 8 * batch, memcpyBytes: 72 * batch };
		const launches = { launches: 0, launchesUnseen: nowNs > 2000 * MS };
		const work = launches.launchesUnseen ? launches : { launches: 90, gridBlocks: 1000 * batch };
		const ledger = stepLedger({ pid: 1, tid: 1, firstWorkNs: startNs + 1000, completedNs: nowNs, ...copied, ...work });
		return engine.observe(ledger);
	};
	// Small batches, now and then a large one: the workload's 95th percentile is the large one's.
	const usual = Array.from({ length: 3000 }, (_, i) => step(i % 8 === 0 ? 16 : 1));
	expect(usual.slice(-1000).every((verdict) => verdict?.launchesUnseen && verdict.bucket === null)).toBe(true);
	expect(step(1, 4)).toMatchObject({ bucket: '3x', launchesUnseen: true });
	expect(step(16, 1.1)?.bucket).toBe(null);
	expect(step(16, 4)?.bucket).toBe('3x');
});

test('it leaves baselines and what is known of work as they are', () => {
	const server = new Server().warm();
	const before = server.engine
		.workloads()
		.map(({ phase, p95Ns, meanNs, samples }) => ({ phase, p95Ns, meanNs, samples }));
	for (let i = 0; i < 200; i++) server.step({ unseen: true, slow: 1.4 });
	const after = server.engine
		.workloads()
		.map(({ phase, p95Ns, meanNs, samples }) => ({ phase, p95Ns, meanNs, samples }));
	expect(after.toSorted((a, b) => a.phase.localeCompare(b.phase))).toEqual(
		before.toSorted((a, b) => a.phase.localeCompare(b.phase)),
	);
	expect(server.engine.counters.unseen).toBe(200);
});

test('nothing is guessed of a process that was never watched, or of a step like none before', () => {
	const server = new Server();
	expect(Array.from({ length: 50 }, () => server.step({ unseen: true })?.phase)).toEqual(Array(50).fill('unknown'));
	const warm = new Server().warm();
	const strange = warm.engine.observe(
		stepLedger({
			pid: 1,
			tid: 1,
			firstWorkNs: 1e12,
			completedNs: 1e12 + 5 * MS,
			launches: 0,
			hostToDeviceBytes: 1e9,
			memcpyBytes: 1e9,
			launchesUnseen: true,
		}),
	);
	expect(strange).toMatchObject({ phase: 'unknown', bucket: null });
});

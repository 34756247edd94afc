import fc from 'fast-check';
import { type Call, COPIES_NAME_NO_STREAM, COPIES_NAME_STREAM, type Operations } from './call';
import { type Action, type EngineSpec, engineSpec, runEngine } from './engine';
import type { PlayedStep } from './oracle';

/** Several processes at once, with the steps they really made. */
export interface Program {
	readonly operations: Operations;
	/** In time order, no two at the same time. */
	readonly calls: readonly Call[];
	/** In the order in which they were completed. */
	readonly steps: readonly PlayedStep[];
}

export interface ProgramOptions {
	readonly gapNs?: number;
	readonly maxProcesses?: number;
	readonly operations?: fc.Arbitrary<Operations>;
	/** Waits that have nothing to wait for; true unless said otherwise. */
	readonly extraWaits?: boolean;
	/** Work on streams that are joined by events; true unless said otherwise. */
	readonly sideStreams?: boolean;
	/** As many copies in every step of an engine; false unless said otherwise. */
	readonly equalGroups?: boolean;
}

export function programs(options: ProgramOptions = {}): fc.Arbitrary<Program> {
	const { maxProcesses = 3, operations = fc.constantFrom(COPIES_NAME_STREAM, COPIES_NAME_NO_STREAM) } = options;
	const processes = fc.array(fc.array(engineSpec, { minLength: 1, maxLength: 2 }), {
		minLength: 1,
		maxLength: maxProcesses,
	});
	return fc
		.tuple(operations, processes, fc.array(fc.nat(), { minLength: 1, maxLength: 50 }))
		.map(([table, specs, schedule]) => play(table, specs, schedule, options));
}

function play(
	operations: Operations,
	specs: readonly (readonly EngineSpec[])[],
	schedule: readonly number[],
	options: ProgramOptions,
): Program {
	const { gapNs = 7_919 } = options;
	const engines = specs.flatMap((process, place) =>
		process.map((spec, own) => ({
			pid: 4000 + place,
			...runEngine(adjusted(spec, process.length, options), own),
			next: 0,
		})),
	);
	const calls: Call[] = [];
	const played = new Map<Action, Call>();
	for (let turn = 0; ; turn++) {
		const running = engines.filter(({ next, actions }) => next < actions.length);
		if (running.length === 0) break;
		const engine = running[(schedule[turn % schedule.length] as number) % running.length] as (typeof engines)[number];
		const action = engine.actions[engine.next++] as Action;
		const call = { ...action, pid: engine.pid, tNs: gapNs * (calls.length + 1) };
		calls.push(call);
		played.set(action, call);
	}
	const steps = engines.flatMap(({ pid, steps }) =>
		steps.map(({ reader, actions, lastCopy, completedBy }) => ({
			pid,
			reader,
			calls: actions.map((action) => played.get(action) as Call),
			lastCopy: played.get(lastCopy) as Call,
			completedBy: played.get(completedBy) as Call,
		})),
	);
	return { operations, calls, steps: steps.sort((a, b) => a.completedBy.tNs - b.completedBy.tNs) };
}

function adjusted(spec: EngineSpec, enginesInProcess: number, options: ProgramOptions): EngineSpec {
	const { extraWaits = true, sideStreams = true, equalGroups = false } = options;
	const copies = spec.steps[0]?.copies;
	return {
		...spec,
		// A wait for the context would be one for the other engine of the process too.
		wait: spec.wait === 'context' && enginesInProcess > 1 ? 'stream' : spec.wait,
		steps: spec.steps.map((step) => ({
			...step,
			extraWaits: extraWaits ? step.extraWaits : 0,
			copies: equalGroups && copies !== undefined ? copies : step.copies,
			work: sideStreams ? step.work : step.work.map((work) => ({ ...work, stream: 0 })),
		})),
	};
}

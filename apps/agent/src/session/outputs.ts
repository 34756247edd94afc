import { hostname } from 'node:os';
import type { AdmissionSampler, InferenceEngine } from '@ingero/infer-baseline';
import type { LossLedger } from '@ingero/steps';
import type { SessionFlags } from '../config/session-flags';
import type { StackLines } from '../output/event-lines';
import { LiveView } from '../output/live-view';
import { NdjsonOutput } from '../output/ndjson';
import type { SessionOutput } from '../output/session-output';
import type { AllocationFeed } from './allocation-feed';

/** What the screen and the page need to know of a session. */
export interface OutputContext {
	readonly flags: SessionFlags;
	readonly engine: InferenceEngine;
	readonly losses: () => LossLedger;
	readonly sampler?: { readonly state: AdmissionSampler; readonly nowNs: () => number };
	/** Absent where nobody follows the memory of processes. */
	readonly allocations?: AllocationFeed | undefined;
	/** Absent where no stacks are taken. */
	readonly stacks?: StackLines | undefined;
	readonly nameOf: (pid: number) => string;
	readonly limits: () => readonly string[];
}

/** The output on the screen: JSON lines, unless a readable view was asked for. */
export function screenOutput({ flags, engine, stacks, nameOf, limits }: OutputContext): NdjsonOutput | LiveView {
	if (flags.json === false) return new LiveView({ stream: process.stdout, engine, nameOf, limits });
	return new NdjsonOutput({
		stream: process.stdout,
		emit: flags.emit,
		nodeId: flags.node ?? hostname(),
		clusterId: flags.cluster,
		stacks,
	});
}

/** The Prometheus page, when asked for. */
export async function pageOutputs({
	flags,
	engine,
	losses,
	sampler,
	allocations,
}: OutputContext): Promise<SessionOutput[]> {
	if (flags.prometheus === undefined) return [];
	// Loaded only when the page is asked for.
	const { PrometheusOutput } = await import('../output/prometheus');
	const page = await PrometheusOutput.listen(flags.prometheus, { engine, losses, sampler, allocations });
	process.stderr.write(`ingero: metrics at ${page.url}\n`);
	return [page];
}

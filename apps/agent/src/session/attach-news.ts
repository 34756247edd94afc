import { type AttachEvent, PROBED_FUNCTIONS } from '@ingero/probes';

const NAMES = new Set(PROBED_FUNCTIONS.map(({ name }) => name));

/** One line about a library that was found or left. */
export function describeAttached(event: Exclude<AttachEvent, { type: 'failed' }>): string {
	if (event.type === 'detached') return `left ${event.path}: no process uses it any more`;
	const { symbols } = event.probes;
	const probed = symbols.filter(({ site, refused }) => site !== undefined && refused === undefined);
	return `watching ${event.path} (process ${event.pid}): ${probed.length} functions probed`;
}

/** What a session does not see, or pays dearly to see, one sentence each. */
export function describeLimits(news: readonly AttachEvent[]): string[] {
	const limits: string[] = [];
	for (const event of news) {
		if (event.type !== 'attached') continue;
		const missing = event.probes.symbols.filter(({ symbol, site }) => site === undefined && NAMES.has(symbol));
		if (missing.length > 0) {
			limits.push(`${missing.map(({ symbol }) => symbol).join(', ')}: ${event.path} does not export them`);
		}
		const stepped = event.probes.symbols.filter(({ site, refused }) => site?.siteClass === 'stepped' && !refused);
		if (stepped.length > 0) {
			limits.push(
				`(slowly, 11-17 us a call) ${stepped.map(({ symbol }) => symbol).join(', ')}: their first instruction is single-stepped`,
			);
		}
	}
	return [
		...limits,
		'the CUDA runtime library, NCCL and GPU clocks; work is counted at the driver, which sees all of it',
	];
}

import { type AttachEvent, type LibraryProbes, PROBED_FUNCTIONS } from '@ingero/probes';

const NAMES = new Set(PROBED_FUNCTIONS.map(({ name }) => name));
/** Of the functions that a library lacks, so many are named in the line about it. */
const MAX_NAMED = 5;

/** One line about a library that was found or left. */
export function describeAttached(event: Exclude<AttachEvent, { type: 'failed' }>): string {
	if (event.type === 'detached') return `left ${event.path}: no process uses it any more`;
	const { symbols } = event.probes;
	const probed = symbols.filter(({ site, refused }) => site !== undefined && refused === undefined);
	const absent = functionsAbsentFrom(event.probes);
	const more = absent.length > MAX_NAMED ? ` and ${absent.length - MAX_NAMED} more` : '';
	return (
		`watching ${event.path} (process ${event.pid}): ${probed.length} functions probed` +
		(absent.length === 0 ? '' : `; not exported by it: ${absent.slice(0, MAX_NAMED).join(', ')}${more}`)
	);
}

/** Functions that every driver has had for long: the per-thread variants come and go. */
function functionsAbsentFrom({ symbols }: LibraryProbes): string[] {
	return symbols.filter(({ symbol, site }) => site === undefined && NAMES.has(symbol)).map(({ symbol }) => symbol);
}

/** What a session does not see, or pays dearly to see, one sentence each. */
export function describeLimits(news: readonly AttachEvent[]): string[] {
	const limits: string[] = [];
	for (const event of news) {
		if (event.type !== 'attached') continue;
		const absent = functionsAbsentFrom(event.probes);
		if (absent.length > 0) limits.push(`not exported by ${event.path}, not probed: ${absent.join(', ')}`);
		const stepped = event.probes.symbols.filter(({ site, refused }) => site?.siteClass === 'stepped' && !refused);
		if (stepped.length > 0) {
			limits.push(`probed at 11-17 us a call, being single-stepped: ${stepped.map(({ symbol }) => symbol).join(', ')}`);
		}
	}
	return [
		...limits,
		'not probed: the CUDA runtime library, NCCL and GPU clocks; work is counted at the driver, which sees all of it',
	];
}

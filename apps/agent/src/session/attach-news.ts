import { type AttachEvent, surveySymbols } from '@ingero/probes';
import { messageOf } from '../errors';

/** Of the functions that a library lacks, so many are named in the line about it. */
const MAX_NAMED = 5;

/** One line about a library that was found, left, or could not be probed. */
export function describeAttachEvent(event: AttachEvent): string {
	if (event.type === 'failed') return `cannot probe ${event.path}: ${messageOf(event.error)}`;
	if (event.type === 'detached') return `left ${event.path}: no process uses it any more`;
	const { probed, absent, refused } = surveySymbols(event.probes.symbols);
	const more = absent.length > MAX_NAMED ? ` and ${absent.length - MAX_NAMED} more` : '';
	return (
		`watching ${event.path} (process ${event.pid}): ${probed.length} functions probed` +
		(refused.length === 0 ? '' : `, ${refused.length} left alone (ingero check says why)`) +
		(absent.length === 0 ? '' : `; not exported by it: ${absent.slice(0, MAX_NAMED).join(', ')}${more}`)
	);
}

/** What a session does not see, or pays dearly to see, one sentence each. */
export function describeLimits(
	news: readonly AttachEvent[],
	probes: { readonly runtime?: boolean | undefined; readonly nccl?: boolean | undefined },
): string[] {
	const limits: string[] = [];
	for (const event of news) {
		if (event.type !== 'attached') continue;
		const { absent, stepped, refused } = surveySymbols(event.probes.symbols);
		if (absent.length > 0) limits.push(`not exported by ${event.path}, not probed: ${absent.join(', ')}`);
		if (stepped.length > 0) limits.push(`probed at 5 to 17 us a call, being single-stepped: ${stepped.join(', ')}`);
		if (refused.length > 0) {
			const names = refused.map(({ symbol }) => symbol).join(', ');
			limits.push(`no good place for a probe in ${event.path}, left alone: ${names} (ingero check says why)`);
		}
	}
	const unprobed = [
		...(probes.runtime ? [] : ['the CUDA runtime library (--cuda-runtime)']),
		...(probes.nccl ? [] : ['NCCL (--nccl)']),
		'GPU clocks',
	];
	return [...limits, `not probed: ${unprobed.join(', ')}; work is counted at the driver, which sees all of it`];
}

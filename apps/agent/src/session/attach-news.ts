import { type AttachEvent, surveySymbols } from '@ingero/probes';
import { messageOf } from '../errors';

/** Of the functions that a library lacks, so many are named in the line about it. */
const MAX_NAMED = 5;

/** One line about a library that was found, left, or could not be probed. */
export function describeAttachEvent(event: AttachEvent): string {
	if (event.type === 'failed') return `cannot probe ${event.path}: ${messageOf(event.error)}`;
	if (event.type === 'detached') return `left ${event.path}: no process uses it any more`;
	const { probed, absent } = surveySymbols(event.probes.symbols);
	const more = absent.length > MAX_NAMED ? ` and ${absent.length - MAX_NAMED} more` : '';
	return (
		`watching ${event.path} (process ${event.pid}): ${probed.length} functions probed` +
		(absent.length === 0 ? '' : `; not exported by it: ${absent.slice(0, MAX_NAMED).join(', ')}${more}`)
	);
}

/** What a session does not see, or pays dearly to see, one sentence each. */
export function describeLimits(news: readonly AttachEvent[]): string[] {
	const limits: string[] = [];
	for (const event of news) {
		if (event.type !== 'attached') continue;
		const { absent, stepped } = surveySymbols(event.probes.symbols);
		if (absent.length > 0) limits.push(`not exported by ${event.path}, not probed: ${absent.join(', ')}`);
		if (stepped.length > 0) limits.push(`probed at 11-17 us a call, being single-stepped: ${stepped.join(', ')}`);
	}
	return [
		...limits,
		'not probed: the CUDA runtime library, NCCL and GPU clocks; work is counted at the driver, which sees all of it',
	];
}

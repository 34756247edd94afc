import { expect, test } from 'vitest';
import { pathOf } from '../../helpers/recordings';
import { expectRefusal } from '../../helpers/refusal';
import { runIngero } from '../../helpers/run-ingero';

const FILE = pathOf('h100-vllm-a');
const REPLAY = ['replay', FILE, '--inference'];
const PHASE = '--inference-phase';

/** What is given, what the message must name, and what it must advise. */
const WRONG: readonly [args: readonly string[], names: string, advises: string][] = [
	[['--nonsense'], "'--nonsense'", '--help'],
	[['replay', FILE, '--infernce'], "'--infernce'", 'Did you mean --inference?'],
	[['nonsense'], "'nonsense'", '--help'],
	[['repaly', FILE], "'repaly'", 'Did you mean replay?'],
	[['replay', '--inference'], "'file'", '--help'],
	[['replay', FILE, FILE, '--inference'], 'too many arguments', '--help'],
	[['replay', FILE], '--inference', 'add --inference'],
	[['replay', FILE, '--inference=false'], '--inference', 'add --inference'],
	[['trace'], '--inference', 'add --inference'],
	[['record'], '--output', '--help'],
	[['record', '-o'], '--output', '--help'],
	[['check', 'this'], "'check'", '--help'],

	[[...REPLAY, '--emit', 'nonsense'], '"nonsense"', 'outliers, steps, events'],
	[[...REPLAY, '--emit', ''], '--emit', 'outliers, steps, events'],
	[[...REPLAY, '--emit', 'steps,'], '--emit', 'outliers, steps, events'],
	[[...REPLAY, '--json=maybe'], "'maybe'", 'true or false'],
	[[...REPLAY, '--node', 'a:b'], 'a:b', 'must not contain a colon'],
	...['0', '-1', 'abc', '1,,2', '1.5', '0x10', ''].map(wrong(REPLAY, '--pid', 'whole number of at least 1')),
	...['0', '-1', 'fast', '', 'NaN', '1x'].map(wrong(REPLAY, '--speed', 'such as 1 or 10, or max')),
	...['abc', '1', '-1s', '1d', '', '1e3s', '1s 1'].map(wrong(['trace', '--inference'], '--duration', 'such as 30s')),
	...['1', '0.5', '-3', 'abc', 'Infinity', ''].map(wrong(REPLAY, '--inference-outlier-ratio', 'above 1')),
	...['-3', 'abc', '1.5', ''].map(wrong(REPLAY, '--inference-warmup', 'whole number')),
	...['0', '-1', 'abc', '1x', '1.5m', '99999999999t'].map(wrong(REPLAY, `${PHASE}-decode-max-memcpy`, 'such as 512k')),
	...['0', '-1', 'few'].map(wrong(REPLAY, `${PHASE}-decode-max-launches`, 'whole number of at least 1')),
	[[...REPLAY, `${PHASE}-classifier`, 'magic'], "'magic'", 'auto, rule, off'],
	[[...REPLAY, `${PHASE}-classifier=auto`, `${PHASE}-mixed-memcpy=1m`], 'auto has no thresholds', 'or use rule'],
	[[...REPLAY, `${PHASE}-classifier=off`, `${PHASE}-decode-max-launches=9`], 'off has no thresholds', 'or use rule'],
	[[...REPLAY, `${PHASE}-prefill-min-avg-kernel=fast`], "'fast'", 'such as 30s'],
	[[...REPLAY, '--inference-sampler-degrade-on', '4x'], "'4x'", '1.5x, 2x, 3x, off'],
	[[...REPLAY, '--fleet-workload-type', 'dance'], "'dance'", 'inference, training, unknown'],
];

function wrong(before: readonly string[], flag: string, advises: string) {
	return (value: string): (typeof WRONG)[number] => [[...before, flag, value], `'${value}'`, advises];
}

test.each(WRONG)('%s', (args, names, advises) => expectRefusal(args, { names, advises }));

test.each([
	[[]],
	[['--help']],
	[['help']],
	[['trace', '--help']],
	[['help', 'replay']],
	[['--version']],
	[['version']],
])('%s explains, and that is no error', async (args) => {
	const { code, stdout, stderr } = await runIngero(args);
	expect([code, stderr]).toEqual([0, '']);
	expect(stdout).toMatch(/ingero|^\d+\.\d+\.\d+\n$/);
});

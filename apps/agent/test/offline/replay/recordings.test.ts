import { inferenceBaselineShift, inferenceOutlier, inferenceStep, summary } from '@ingero/contract/messages';
import { beforeAll, describe, expect, test } from 'vitest';
import { violations } from '../../helpers/contract-check';
import { agreement } from '../../helpers/labels';
import { type Message, ofType, parseLines, tally, total } from '../../helpers/messages';
import { bytesOf, pathOf, RECORDINGS, takeApart } from '../../helpers/recordings';
import { replay } from '../../helpers/run-ingero';

const DEFINITIONS = Object.fromEntries(
	[inferenceStep, inferenceOutlier, inferenceBaselineShift, summary].map((definition) => [definition.type, definition]),
);
/** Shares of the labelled steps; the vLLM recording's labels are of every step. */
const LEAST_AGREEMENT = { 'h100-serving-a': 0.998, 'h100x2-parallel-a': 0.998, 'h100-vllm-a': 1 } as const;

describe.each(RECORDINGS)('a replay of %s', (name) => {
	let text: string;
	let messages: Message[];
	beforeAll(async () => {
		text = await replay(pathOf(name), '--emit', 'outliers,steps');
		messages = parseLines(text);
	}, 60_000);

	test('prints lines that are what the contract says', () => {
		expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('{"type":"'))).toEqual([]);
		const wrong = messages.flatMap((message) => {
			const definition = DEFINITIONS[message.type];
			return definition === undefined ? [`a line of type ${message.type}`] : violations(message, definition);
		});
		expect(wrong.slice(0, 5)).toEqual([]);
	});

	test('prints the times of every step to the nanosecond', () => {
		for (const { start_ns, end_ns, step_duration_ns } of ofType(messages, 'inference_step')) {
			expect((end_ns as bigint) - (start_ns as bigint)).toBe(step_duration_ns);
		}
	});

	test('prints an outlier after the step it is about', () => {
		let step: Message | undefined;
		const flagged = ofType(messages, 'inference_step').filter(({ bucket }) => bucket !== null);
		const outliers = ofType(messages, 'inference_outlier');
		expect(outliers.length).toBe(flagged.length);
		expect(outliers.length).toBeGreaterThan(0);
		for (const message of messages) {
			if (message.type === 'inference_step') step = message;
			if (message.type !== 'inference_outlier') continue;
			const { pid, bucket, step_duration_ns } = step as Message;
			expect(message).toMatchObject({ pid, bucket, step_duration_ns });
		}
	});

	test('ends with a summary that accounts for everything', () => {
		const last = messages.at(-1) as Message;
		expect(ofType(messages, 'summary')).toEqual([last]);
		const { header, records } = takeApart(bytesOf(name));
		const events = tally(last.events);
		expect(events.produced).toBe(BigInt(records.length / 12 + header.dropped));
		expect(events.produced).toBe(events.delivered + events.sampledOut + events.dropped);
		expect(events.delivered).toBe(events.produced);
		const steps = ofType(messages, 'inference_step');
		expect(total(last.steps)).toBe(BigInt(steps.length));
		expect(total(last.outliers)).toBe(BigInt(ofType(messages, 'inference_outlier').length));
		expect(last.processes).toBe(BigInt(new Set(steps.map(({ pid }) => pid)).size));
		expect(last.source).toBe('replay');
		expect(last.end_ns).toBe(steps.at(-1)?.end_ns);
	});

	test('finds the steps that the workload labelled, and no others', () => {
		const { labels, oneToOne, precision } = agreement(name, ofType(messages, 'inference_step'));
		expect(labels).toBeGreaterThan(1700);
		expect(oneToOne).toBeGreaterThanOrEqual(LEAST_AGREEMENT[name]);
		expect(precision).toBeGreaterThanOrEqual(LEAST_AGREEMENT[name]);
	});
});

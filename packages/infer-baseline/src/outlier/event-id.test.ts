import { describe, expect, test } from 'vitest';
import { deterministicEventId, deterministicSpanId, deterministicTraceId, fnv128a } from './event-id';

test('FNV-1a 128 self-test', () => {
	const hex = (text: string) => fnv128a([...text].map((c) => c.charCodeAt(0))).toString(16);
	expect(hex('')).toBe('6c62272e07bb014262b821756295c58d');
	expect(hex('a')).toBe('d228cb696f1a8caf78912b704e4a8964');
});

describe.each([
	{
		pid: 12345,
		stream: 0n,
		endNs: 1778337055000000000n,
		stepNs: 50000000n,
		event: '2a6b6076-9ffc-4faf-aaac-3cc1d30f5391',
		trace: '0ae6573cdefc8fafaaac352ccc1d46f7',
		span: '0ae6573cddfc8faf',
		traceAtEnd: '2a6b60769cfc8fafaaac3cc1d30f4fe0',
		spanAtEnd: '2a6b60769dfc8faf',
	},
	{
		pid: 4242,
		stream: 0x7f3a5c001e80n,
		endNs: 1700000000123456789n,
		stepNs: 7654321n,
		event: 'a3ee9ae6-8d4b-47d3-b135-a878bb18775b',
		trace: 'a802cdf56c4be7d3f135a9ba09f9f91b',
		span: 'a802cdf56b4be7d3',
		traceAtEnd: 'a3ee9ae68e4be7d3f135a878bb187896',
		spanAtEnd: 'a3ee9ae68f4be7d3',
	},
	{
		pid: 4294967295,
		stream: 18446744073709551615n,
		endNs: 1n,
		stepNs: 1n,
		event: '42f6a7c7-0ca2-42be-92b0-35f79f14857d',
		trace: '42f6a7c983a2d2bed2b035f79f160a51',
		span: '42f6a7c982a2d2be',
		traceAtEnd: '42f6a7c709a2d2bed2b035f79f1481cc',
		spanAtEnd: '42f6a7c70aa2d2be',
	},
])('pid $pid', ({ pid, stream, endNs, stepNs, ...expected }) => {
	test('event id, from the end', () => expect(deterministicEventId(pid, stream, endNs)).toBe(expected.event));

	test('trace and span id, from the start', () => {
		expect(deterministicTraceId(pid, stream, endNs - stepNs)).toBe(expected.trace);
		expect(deterministicSpanId(pid, stream, endNs - stepNs)).toBe(expected.span);
	});

	test('trace and span id, of the end', () => {
		expect(deterministicTraceId(pid, stream, endNs)).toBe(expected.traceAtEnd);
		expect(deterministicSpanId(pid, stream, endNs)).toBe(expected.spanAtEnd);
	});
});

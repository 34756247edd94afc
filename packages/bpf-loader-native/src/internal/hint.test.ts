import { expect, it } from 'vitest';
import { missingCapabilities } from './hint';

const status = (effective: string): string => `Name:\tnode\nCapPrm:\t0000000000000000\nCapEff:\t${effective}\n`;

it('names the capabilities that the process lacks', () => {
	const missing = (effective: string) => missingCapabilities(status(effective), ['CAP_BPF', 'CAP_PERFMON']);
	expect(missing('0000000000000000')).toEqual(['CAP_BPF', 'CAP_PERFMON']);
	expect(missing('0000004000000000')).toEqual(['CAP_BPF']);
	expect(missing('0000008000000000')).toEqual(['CAP_PERFMON']);
	expect(missing('000000c000000000')).toEqual([]);
});

it('takes CAP_SYS_ADMIN for all of them, and nothing for it', () => {
	expect(missingCapabilities(status('0000000000200000'), ['CAP_BPF', 'CAP_PERFMON'])).toEqual([]);
	expect(missingCapabilities(status('000001ffffffffff'), ['CAP_SYS_ADMIN'])).toEqual([]);
	expect(missingCapabilities(status('000000c000000000'), ['CAP_SYS_ADMIN'])).toEqual(['CAP_SYS_ADMIN']);
});

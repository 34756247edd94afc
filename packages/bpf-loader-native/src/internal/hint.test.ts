import { expect, it } from 'vitest';
import { missingCapabilities } from './hint';

const status = (effective: string): string => `Name:\tnode\nCapPrm:\t0000000000000000\nCapEff:\t${effective}\n`;

it('names the capabilities that the process lacks', () => {
	expect(missingCapabilities(status('0000000000000000'))).toEqual(['CAP_PERFMON', 'CAP_BPF']);
	expect(missingCapabilities(status('0000004000000000'))).toEqual(['CAP_BPF']);
	expect(missingCapabilities(status('0000008000000000'))).toEqual(['CAP_PERFMON']);
	expect(missingCapabilities(status('000000c000000000'))).toEqual([]);
});

it('takes CAP_SYS_ADMIN, which stood for both before Linux 5.8', () => {
	expect(missingCapabilities(status('0000000000200000'))).toEqual([]);
	expect(missingCapabilities(status('000001ffffffffff'))).toEqual([]);
});

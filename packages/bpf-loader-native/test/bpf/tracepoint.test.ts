import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BpfObject } from '../../src/index';
import { describeBpf, objectPath, readU64 } from './support';

describeBpf('tracepoints', ['tracepoint', 'btf'], () => {
	it('counts context switches through a tracepoint and a BTF tracepoint', async () => {
		using object = BpfObject.open(objectPath('tracepoint'));
		object.load();
		const counts = (): number[] => {
			const bytes = object.map('.bss').getAt(0);
			return [readU64(bytes, 0), readU64(bytes, 8)];
		};
		const plain = object.program('blnt_switch').attachTracepoint('sched', 'sched_switch');
		await sleep(20);
		plain.detach();
		const [first = 0, btfBefore] = counts();
		expect(first).toBeGreaterThan(0);
		expect(btfBefore).toBe(0);

		const btf = object.program('blnt_switch_btf').attachBtfTracepoint();
		await sleep(20);
		btf.detach();
		const [second, btfAfter] = counts();
		expect(second).toBe(first);
		expect(btfAfter).toBeGreaterThan(0);
		await sleep(20);
		expect(counts()).toEqual([second, btfAfter]);
	});

	it('says when there is no such tracepoint, and takes names only', () => {
		using object = BpfObject.open(objectPath('tracepoint'));
		object.load();
		const program = object.program('blnt_switch');
		expect(() => program.attachTracepoint('sched', 'no_such_event')).toThrow(
			expect.objectContaining({
				code: 'INGERO_BPF_ATTACH',
				errnoName: 'ENOENT',
				hint: 'this kernel has no such tracepoint',
			}),
		);
		expect(() => program.attachTracepoint('../../etc', 'x')).toThrow(TypeError);
		expect(() => program.attachBtfTracepoint()).toThrow(expect.objectContaining({ code: 'INGERO_BPF_ATTACH' }));
	});
});

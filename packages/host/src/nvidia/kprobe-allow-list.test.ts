import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FileTree } from '../../test/proc-tree';
import { KprobeAllowListError, kprobeVerdict, parseKprobeAllowList, readKprobeAllowList } from './kprobe-allow-list';

describe('a machine', () => {
	test.each([
		['535.183.01', '5.15.0-1048-gke', true],
		['535.183.01', '6.5.0-1020-aws', true],
		['570.86.15', '6.8.0-1021-aws', true],
		['570.86.15', '5.15.0-1048-gke', false],
		['580.65', '6.18.44', false],
		['535.183.01', '5.150.0', false],
		['5350.1', '5.15.0', false],
		[undefined, '5.15.0', false],
		['535.183.01', undefined, false],
		['', '', false],
	])('with driver %s and kernel %s may be probed: %s', (driver, kernel, allowed) => {
		const verdict = kprobeVerdict({ driver, kernel });
		expect(verdict).toMatchObject({ allowed, driver, kernel, testedPairs: 3 });
		expect(verdict.pair !== undefined).toBe(allowed);
	});

	test('is told which pair it fits', () => {
		expect(kprobeVerdict({ driver: '570.1', kernel: '6.8.0' }).pair).toEqual({ driver: '570.', kernel: '6.8.' });
	});

	test('fits a pair exactly when it has those numbers first, and more', () => {
		const version = fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 2, maxLength: 4 });
		const change = fc.constantFrom('none', 'none', 'longer', 'other');
		fc.assert(
			fc.property(version, version, fc.integer({ min: 1, max: 4 }), change, (driver, kernel, length, changed) => {
				const first = kernel.slice(0, length);
				if (changed === 'longer') first.push(...kernel.slice(length), 0);
				if (changed === 'other') first[first.length - 1] = (first.at(-1) as number) * 10 + 1;
				const verdict = kprobeVerdict({ driver: driver.join('.'), kernel: kernel.join('.') }, [
					{ driver: `${driver[0]}.`, kernel: `${first.join('.')}.` },
				]);
				expect(verdict.allowed).toBe(changed === 'none' && first.length < kernel.length);
			}),
			{ seed: 5 },
		);
	});
});

describe("an operator's list", () => {
	test('has a pair a line', () => {
		expect(parseKprobeAllowList('# tried by us\n\n580.   6.18.44.\n 535.183. 6.1.\t# Debian\n')).toEqual([
			{ driver: '580.', kernel: '6.18.44.' },
			{ driver: '535.183.', kernel: '6.1.' },
		]);
		expect(parseKprobeAllowList('')).toEqual([]);
	});

	test.each([
		['535. 5.15.\n580 6.8.\n', 'line 2: "580" is no beginning of a version'],
		['535. 5.15\n', 'line 1: "5.15" is no beginning'],
		['535.\n', 'line 1: expected a driver and a kernel, such as "535. 5.15.", got "535."'],
		['535. 5.15. 6.8.\n', 'line 1: expected a driver and a kernel'],
		['. .\n', 'line 1: "." is no beginning'],
		['* *\n', 'line 1: "*" is no beginning'],
		['driver: 535.\n', 'line 1: "driver:" is no beginning'],
	])('%j is refused', (text, message) => {
		expect(() => parseKprobeAllowList(text)).toThrow(KprobeAllowListError);
		expect(() => parseKprobeAllowList(text)).toThrow(message);
	});

	test('is read from a file, which errors name', () => {
		using tree = new FileTree({ good: '580. 6.18.\n', bad: '580. 6.18.\noops\n' });
		expect(readKprobeAllowList(`${tree.root}/good`)).toEqual([{ driver: '580.', kernel: '6.18.' }]);
		expect(() => readKprobeAllowList(`${tree.root}/bad`)).toThrow(`${tree.root}/bad: line 2: expected`);
		expect(() => readKprobeAllowList(`${tree.root}/none`)).toThrow(/none: ENOENT/);
	});
});

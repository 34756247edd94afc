import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BpfObject } from '@ingero/bpf-loader-native';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AttachPlace, attachPlaces } from '../../src/attach/attach-sites';
import { objectFile } from '../../src/object-file';
import { findFunctions } from '../../src/sites/elf-symbols';
import { ownKernelObjects } from '../helpers/kernel-objects';
import { describeKernel } from '../helpers/kernel-suite';
import { OBJECT_DIRECTORY } from '../helpers/watch';

const REFUSED = ['refused_0', 'refused_1', 'refused_2'];
const GOOD = ['good_0', 'good_1', 'good_2'];

interface Place extends AttachPlace {
	readonly name: string;
}

// The kernel looks at an instruction when a process has it mapped.
describeKernel('sites that the kernel refuses', () => {
	const onX64 = process.arch === 'x64' ? it : it.skip;
	let folder: string;
	let program: string;
	let child: ChildProcessWithoutNullStreams;
	let lines: AsyncIterator<string>;
	let places: Place[];

	beforeAll(async () => {
		if (process.arch !== 'x64') return;
		folder = mkdtempSync(join(tmpdir(), 'refusals-'));
		program = join(folder, 'refusing');
		const source = fileURLToPath(new URL('programs/refusing.c', import.meta.url));
		execFileSync('cc', ['-O1', '-rdynamic', '-o', program, source]);
		places = findFunctions(program, new Set([...GOOD, ...REFUSED]))
			.map(({ name, fileOffset }) => ({ name, fileOffset, cookie: 0n }))
			.sort((a, b) => a.fileOffset - b.fileOffset);
		child = spawn(program);
		lines = createInterface(child.stdout)[Symbol.asyncIterator]();
		await lines.next();
	});

	afterAll(async () => {
		if (child === undefined) return;
		child.stdin.end();
		await once(child, 'close');
		rmSync(folder, { recursive: true });
	});

	function openTest(multi: boolean): BpfObject {
		const object = BpfObject.open(objectFile(OBJECT_DIRECTORY, 'self_test'), {
			name: 'refusals',
			attachTypes: multi ? { self_test_hit: 'uprobe.multi' } : {},
		});
		object.load();
		return object;
	}

	onX64.each([
		{ how: 'one link', multi: true },
		{ how: 'an event each', multi: false },
	])('are named, and the others are probed all the same, with $how', async ({ multi }) => {
		const before = ownKernelObjects();
		using object = openTest(multi);
		const { links, refused } = attachPlaces(object.program('self_test_hit'), program, places, { multi, return: false });
		expect([...refused.keys()].map(({ name }) => name)).toEqual(REFUSED);
		for (const error of refused.values()) expect(error.errnoName).toBe('ENOTSUPP');
		expect(links.length).toBe(multi ? 1 : GOOD.length);
		child.stdin.write('\n');
		expect((await lines.next()).value).toBe('called');
		const hits = object.map('hits').getAt(0) ?? new Uint8Array(8);
		expect(new DataView(hits.buffer, hits.byteOffset).getBigUint64(0, true)).toBe(BigInt(GOOD.length));
		for (const link of links) link.detach();
		object.close();
		expect(ownKernelObjects()).toEqual(before);
	});

	onX64('may be all of them: then nothing is attached', () => {
		using object = openTest(true);
		const bad = places.filter(({ name }) => REFUSED.includes(name));
		const { links, refused } = attachPlaces(object.program('self_test_hit'), program, bad, {
			multi: true,
			return: false,
		});
		expect(links).toEqual([]);
		expect(refused.size).toBe(bad.length);
	});

	onX64('are not blamed for what is no fault of theirs', () => {
		using object = openTest(true);
		const options = { multi: true, return: false };
		expect(() => attachPlaces(object.program('self_test_hit'), '/nowhere/library.so', places, options)).toThrow(
			expect.objectContaining({ errnoName: 'ENOENT' }),
		);
		expect(attachPlaces(object.program('self_test_hit'), program, [], options)).toEqual({
			links: [],
			refused: new Map(),
		});
	});
});

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BpfObject, features } from '@ingero/bpf-loader-native';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { attachPlaces } from '../../src/attach/attach-sites';
import { findFunctions } from '../../src/sites/elf-symbols';
import { chooseSite, type ProbeSite } from '../../src/sites/site';
import { describeKernel } from '../helpers/kernel-suite';
import { generatedFunctions } from './generated-functions';

const PROGRAMS = fileURLToPath(new URL('programs/', import.meta.url));
/** In programs/caller.c. */
const CALLS = 50;
const ARGUMENTS = 9;

/** The C functions, as compilers and options make them. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
	unoptimized: ['-O0', '-fcf-protection=full'],
	plain: ['-O2', '-fcf-protection=none'],
	tracked: ['-O2', '-fcf-protection=full'],
	protected_: ['-O2', '-fstack-protector-all', '-fstack-clash-protection'],
	framed: ['-O1', '-fno-omit-frame-pointer', '-fcf-protection=none'],
	patchable: ['-O2', '-fpatchable-function-entry=5'],
	clang: ['-O2'],
	clang_unoptimized: ['-O0', '-fcf-protection=full'],
};

/** Without them the tests would prove little: functions that can't be probed at their start are there, and probed. */
const LEAST = { placed: 150, deeper: 20, shifted: 20, refused: 10, timed: 80 };

describeKernel('probes at chosen sites', () => {
	const onX64 = it.runIf(process.arch === 'x64');
	let folder: string;
	let caller: string;
	let names: string[];
	let bpfObject: string;

	beforeAll(() => {
		if (process.arch !== 'x64') return;
		folder = mkdtempSync(join(tmpdir(), 'sites-'));
		const generated = generatedFunctions(200);
		writeFileSync(join(folder, 'generated.s'), generated.source);
		const objects = Object.entries(VARIANTS).map(([variant, flags]) => {
			const object = join(folder, `${variant}.o`);
			const compiler = variant.startsWith('clang') ? 'clang' : 'cc';
			execFileSync(compiler, ['-c', '-fPIC', ...flags, `-DVARIANT=${variant}`, '-o', object, `${PROGRAMS}compiled.c`]);
			return object;
		});
		caller = join(folder, 'caller');
		execFileSync('cc', [
			'-O1',
			'-rdynamic',
			'-o',
			caller,
			`${PROGRAMS}caller.c`,
			join(folder, 'generated.s'),
			...objects,
			'-ldl',
		]);
		const compiled = execFileSync('nm', ['-D', '--defined-only', caller], { encoding: 'utf8' });
		const variants = Object.keys(VARIANTS).join('|');
		names = [
			...[...compiled.matchAll(new RegExp(`T ((?:${variants})_\\w+)$`, 'gm'))].map(([, name = '']) => name),
			...generated.names,
		];
		bpfObject = join(folder, 'arguments.bpf.o');
		const include = `-isystem/usr/include/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu`;
		execFileSync('clang', [
			'-g',
			'-O2',
			'-target',
			'bpf',
			'-mcpu=v3',
			include,
			'-c',
			'-o',
			bpfObject,
			`${PROGRAMS}arguments.bpf.c`,
		]);
	}, 60_000);

	afterAll(() => {
		if (folder !== undefined) rmSync(folder, { recursive: true });
	});

	onX64('see every call and return once, with its arguments, and change nothing', () => {
		const found = new Map(findFunctions(caller, new Set(names)).map((symbol) => [symbol.name, symbol]));
		const places: {
			place: number;
			name: string;
			fileOffset: number;
			cookie: bigint;
			site: ProbeSite;
			timed: boolean;
		}[] = [];
		const refused: string[] = [];
		for (const [place, name] of names.entries()) {
			const symbol = found.get(name);
			if (symbol === undefined) throw new Error(`${name} is not there`);
			const timed = chooseSite(symbol.code, { returns: true, allowStepped: false });
			const { site, refused: reason } =
				timed.refused === undefined ? timed : chooseSite(symbol.code, { returns: false, allowStepped: false });
			if (site === undefined || reason !== undefined) {
				refused.push(`${name}: ${reason}`);
				continue;
			}
			const cookie = BigInt(place) | (BigInt(site.stackShiftBytes) << 32n);
			const fileOffset = symbol.fileOffset + site.offset;
			places.push({ place, name, fileOffset, cookie, site, timed: timed.refused === undefined });
		}
		const timed = places.filter((place) => place.timed);
		expect(places.length).toBeGreaterThanOrEqual(LEAST.placed);
		expect(timed.length).toBeGreaterThanOrEqual(LEAST.timed);
		expect(places.filter(({ site }) => site.offset > 4).length).toBeGreaterThanOrEqual(LEAST.deeper);
		expect(places.filter(({ site }) => site.stackShiftBytes > 0).length).toBeGreaterThanOrEqual(LEAST.shifted);
		expect(refused.length).toBeGreaterThanOrEqual(LEAST.refused);

		const multi = features().uprobeMulti.supported;
		const attachType = 'uprobe.multi' as const;
		using object = BpfObject.open(bpfObject, {
			name: 'sites',
			attachTypes: multi ? { entered: attachType, returned: attachType } : {},
		});
		object.load();
		const returns = attachPlaces(object.program('returned'), caller, timed, { multi, return: true });
		const entries = attachPlaces(object.program('entered'), caller, places, { multi, return: false });
		expect([...returns.refused.keys(), ...entries.refused.keys()]).toEqual([]);

		const run = spawnSync(caller, names, { encoding: 'utf8', timeout: 30_000, killSignal: 'SIGKILL' });
		expect([run.stdout, run.status, run.signal]).toEqual(['', 0, null]);

		const notes = object.map('notes');
		const seen = places.map(({ place, name, timed: isTimed, site }) => {
			const [entered, returned, result, ...values] = new BigInt64Array(
				(notes.getAt(place) ?? new Uint8Array()).slice().buffer,
			);
			return {
				name,
				site,
				entered,
				returned: isTimed ? returned : 'unwatched',
				result: isTimed ? result : 'unwatched',
				values,
			};
		});
		const expected = places.map(({ place, name, timed: isTimed, site }) => {
			const last = BigInt((place + 1) * 1000 + CALLS - 1);
			const values = Array.from({ length: ARGUMENTS }, (_, i) => last + BigInt(i));
			const calls = BigInt(CALLS);
			const result = values.reduce((sum, value, i) => sum + BigInt(i + 1) * value, 0n);
			return {
				name,
				site,
				entered: calls,
				returned: isTimed ? calls : 'unwatched',
				result: isTimed ? result : 'unwatched',
				values,
			};
		});
		expect(seen).toEqual(expected);
	});
});

import { paths } from '@ingero/fixture-cuda-standin';
import { describe, expect, test } from 'vitest';
import { waitingLoop } from '../../helpers/loop';
import { obstacle } from '../../helpers/obstacle';
import { runIngero } from '../../helpers/run-ingero';

interface Symbol {
	readonly symbol: string;
	readonly probed: boolean;
	readonly refused: string | null;
	readonly site: { readonly class: string; readonly offset: number } | null;
}

describe.skipIf(obstacle !== undefined)('check on a machine that can be traced', () => {
	test('has tried the programs and the probes, and misses nothing', async () => {
		const { code, stdout, stderr } = await runIngero(['check', '--json', '--strict']);
		expect([code, stderr]).toEqual([0, '']);
		const { all_passed, checks } = JSON.parse(stdout);
		expect(all_passed).toBe(true);
		const statusOf = (name: string) => checks.find((result: { name: string }) => result.name === name)?.status;
		for (const name of ['kernel', 'privileges', 'uprobes', 'CUDA programs', 'probes at entries', 'probes at returns']) {
			expect([name, statusOf(name)]).toEqual([name, 'ok']);
		}
	});

	test('says of each function of a library in use where its probe would go, or why nowhere', async () => {
		await waitingLoop('--loop', 'eager', '--steps', '1');
		const { stdout } = await runIngero(['check', '--json']);
		const library = JSON.parse(stdout).libraries.find(({ path }: { path: string }) => path === paths.libcuda);
		expect(library).toMatchObject({ families: ['driver'], problem: null });
		const symbols: Symbol[] = library.symbols;
		expect(symbols.length).toBeGreaterThan(80);
		expect(symbols.find(({ symbol }) => symbol === 'cuLaunchKernel')).toMatchObject({ probed: true, refused: null });
		if (process.arch === 'x64') {
			const slow = symbols.filter(({ site, probed }) => probed && site?.class !== 'emulated');
			expect(slow.map(({ symbol }) => symbol)).toEqual(['cuMemMap']);
			expect(symbols.find(({ symbol }) => symbol === 'cuMemcpyPeer_ptds')?.refused).toContain('single-step');
		}

		const { stdout: text } = await runIngero(['check']);
		expect(text).toContain(`${paths.libcuda} (process `);
		expect(text).not.toContain('cuLaunchKernel:');
		const { stdout: sites } = await runIngero(['check', '--sites']);
		expect(sites).toMatch(/ {2}cuLaunchKernel: \+\d+ .+, (emulated|stepped)\n/);
		const { stdout: allowed } = await runIngero(['check', '--allow-stepped-sites']);
		expect(allowed).not.toContain('not probed:');
	});
});

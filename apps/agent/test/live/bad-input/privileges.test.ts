import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { obstacle } from '../../helpers/obstacle';
import { expectRefusal } from '../../helpers/refusal';
import { runIngero } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
beforeAll(() => chmodSync(folder, 0o777));
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

describe.skipIf(obstacle !== undefined)('for an unprivileged user', () => {
	test('tracing is refused with what it takes, and nothing is written', async () => {
		const file = (name: string) => join(folder, name);
		const outputs = ['--db', file('x.db'), '--capture', file('x.igr')];
		for (const args of [
			['trace', '--inference', ...outputs],
			['record', '-o', file('y.igr')],
		]) {
			await expectRefusal(args, { launcher: NOBODY, names: 'cap_bpf,cap_perfmon', advises: 'Run it with sudo' });
		}
		expect(readdirSync(folder)).toEqual([]);
	});

	test('check says what is missing, and --strict fails', async () => {
		const { code, stdout } = await runIngero(['check'], { launcher: NOBODY });
		expect(code).toBe(0);
		expect(stdout).toMatch(/✗ privileges .*\n {2}→ .*cap_bpf/);
		expect((await runIngero(['check', '--strict'], { launcher: NOBODY })).code).toBe(1);
		const { stdout: json } = await runIngero(['check', '--json'], { launcher: NOBODY });
		expect(JSON.parse(json)).toMatchObject({ all_passed: false });
	});
});

describe.skipIf(obstacle !== undefined)('a process that does not exist', () => {
	test.each([[['trace', '--inference', '--record=false']], [['record', '-o', join(folder, 'z.igr')]]])(
		'is named by %s',
		async (args) => {
			await expectRefusal([...args, '--pid', '999999999'], { names: '999999999', advises: 'ingero check' });
			await expectRefusal([...args, '--pid', `${process.pid},999999999`], { names: '999999999', advises: 'no such' });
			expect(readdirSync(folder)).toEqual([]);
		},
	);
});

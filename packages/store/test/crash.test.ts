import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, inject, onTestFinished, test } from 'vitest';
import { openReadOnly } from '../src/read';
import { openStore, rawRows, rowCount, step, tempFile } from './support';

/** Runs the writing program and kills it without warning once it has told of `rows` committed rows. */
async function writeAndKill(path: string, rows: number): Promise<number> {
	const script = fileURLToPath(new URL('child.mjs', import.meta.url));
	const child = spawn(process.execPath, [script, inject('indexUrl'), inject('workerUrl'), path], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	onTestFinished(() => void child.kill('SIGKILL'));
	const exit = once(child, 'exit');
	let committed = 0;
	for await (const line of createInterface({ input: child.stdout })) {
		committed = Math.max(committed, Number(line));
		if (committed >= rows) {
			child.kill('SIGKILL');
		}
	}
	expect(await exit).toEqual([null, 'SIGKILL']);
	return committed;
}

test.each([1, 20_000, 50_000])('a process killed after %i rows loses none that was committed', async (rows) => {
	const path = tempFile();
	const committed = await writeAndKill(path, rows);
	expect(committed).toBeGreaterThanOrEqual(rows);

	await using reader = openReadOnly(path);
	const { count, last } = await reader.db
		.selectFrom('steps')
		.select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.max('step_id').as('last')])
		.executeTakeFirstOrThrow();
	expect(count).toBeGreaterThanOrEqual(committed);
	expect(last).toBe(count); // no hole before the end
	expect(rawRows(path, 'PRAGMA integrity_check')).toEqual([['ok']]);
	expect(rawRows(path, 'SELECT node, stopped_at FROM sessions')).toEqual([['child', 0n]]);

	const next = await openStore(path);
	next.appendSteps([step()]);
	await next.close();
	expect(rawRows(path, 'SELECT id, stopped_at > 0 FROM sessions')).toEqual([
		[1n, 0n],
		[2n, 1n],
	]);
	expect(rowCount(path, 'steps')).toBe(count + 1);
});

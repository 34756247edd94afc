import {
	copyFileSync,
	existsSync,
	linkSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { APPLICATION_ID, SCHEMA_VERSION } from '@ingero/store/read';
import { describe, expect, test } from 'vitest';
import { pathOf } from '../../helpers/recordings';
import { expectRefusal } from '../../helpers/refusal';
import { replay, runIngero } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const REPLAY = ['replay', pathOf('h100-vllm-a'), '--inference'];

function write(name: string, content: string | Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
}

/** An empty folder of a test's own. */
function emptyFolder(name: string): string {
	const path = join(folder, name);
	mkdirSync(path);
	return path;
}

describe('--db', () => {
	test('refuses a folder, and a path in a file', async () => {
		const path = emptyFolder('a folder.db');
		await expectRefusal([...REPLAY, '--db', path], { names: path, advises: 'Choose a path' });
		expect(readdirSync(path)).toEqual([]);
		const file = write('file', 'mine');
		await expectRefusal([...REPLAY, '--db', join(file, 'x.db')], { names: file, advises: 'Choose a path' });
		await expectRefusal([...REPLAY, '--db', ''], { names: '--db', advises: 'path of a file' });
	});

	test('refuses what is no database and leaves it as it was', async () => {
		const path = write('notes.txt', 'my notes, which are longer than a hundred bytes. '.repeat(10));
		const before = readFileSync(path);
		await expectRefusal([...REPLAY, '--db', path], { names: path, advises: 'Nothing was changed' });
		expect(readFileSync(path)).toEqual(before);
		expect(existsSync(`${path}-wal`)).toBe(false);
	});

	test('refuses a database of another program or a newer one and leaves it as it was', async () => {
		const ours = join(folder, 'ours.db');
		await replay(pathOf('h100-vllm-a'), '--pid', '1', '--db', ours);
		const bytes = readFileSync(ours);
		// SQLite keeps both numbers at fixed places, big endian.
		expect([bytes.readUInt32BE(60), bytes.readUInt32BE(68)]).toEqual([SCHEMA_VERSION, APPLICATION_ID]);

		const newer = join(folder, 'newer.db');
		copyFileSync(ours, newer);
		bytes.writeUInt32BE(SCHEMA_VERSION + 999, 60);
		writeFileSync(newer, bytes);
		await expectRefusal([...REPLAY, '--db', newer], { names: newer, advises: String(SCHEMA_VERSION + 999) });
		expect(readFileSync(newer)).toEqual(bytes);

		const foreign = join(folder, 'foreign.db');
		bytes.writeUInt32BE(SCHEMA_VERSION, 60);
		bytes.writeUInt32BE(0x12345678, 68);
		writeFileSync(foreign, bytes);
		await expectRefusal([...REPLAY, '--db', foreign], { names: foreign, advises: 'another program' });
		expect(readFileSync(foreign)).toEqual(bytes);
	});

	test('refuses the recording itself, and the file that --capture writes', async () => {
		const path = join(folder, 'recording.igr');
		copyFileSync(pathOf('h100-vllm-a'), path);
		const before = readFileSync(path);
		await expectRefusal(['replay', path, '--inference', '--db', path], { names: path, advises: 'Nothing was changed' });
		expect(readFileSync(path)).toEqual(before);
		const both = join(folder, 'both');
		await expectRefusal([...REPLAY, '--db', both, '--capture', both], { names: both, advises: 'a file of its own' });
		expect(existsSync(both)).toBe(false);
	});
});

describe('--capture', () => {
	test('refuses where nothing can be written', async () => {
		const file = write('another file', 'mine');
		for (const path of [folder, join(file, 'x.igr'), join(folder, 'missing folder', 'x.igr'), '']) {
			await expectRefusal([...REPLAY, '--capture', path], { names: path, advises: 'choose another path' });
		}
		expect(readFileSync(file, 'utf8')).toBe('mine');
	});

	test('refuses the recording being replayed, under whatever name', async () => {
		const path = join(folder, 'being replayed.igr');
		copyFileSync(pathOf('h100-vllm-a'), path);
		const before = readFileSync(path);
		symlinkSync(path, join(folder, 'symbolic.igr'));
		linkSync(path, join(folder, 'hard.igr'));
		for (const name of ['being replayed.igr', 'symbolic.igr', 'hard.igr']) {
			const capture = join(folder, name);
			const args = ['replay', path, '--inference', '--capture', capture];
			await expectRefusal(args, { names: capture, advises: 'choose another path' });
		}
		expect(readFileSync(path)).toEqual(before);
	});

	test('writes nothing when another output is refused, and the other way round', async () => {
		const place = emptyFolder('stays empty');
		const capture = join(place, 'x.igr');
		await expectRefusal([...REPLAY, '--capture', capture, '--db', folder], { names: folder, advises: 'Choose a path' });
		const args = [...REPLAY, '--capture', folder, '--db', join(place, 'x.db')];
		await expectRefusal(args, { names: folder, advises: 'choose another path' });
		expect(readdirSync(place)).toEqual([]);
	});
});

describe('--prometheus', () => {
	test.each([
		['x', 'no port'],
		['', 'no port'],
		[':99999', '99999 is no port'],
		[':-1', 'no port'],
		['[::1', 'host:port'],
		['203.0.113.77:9464', 'address of this machine'],
	])('refuses %s', (address, advises) =>
		expectRefusal([...REPLAY, '--prometheus', address], { names: address, advises }),
	);

	test('refuses a port in use', async () => {
		const server = createServer().listen(0, '127.0.0.1');
		await new Promise((resolve) => server.once('listening', resolve));
		const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
		await expectRefusal([...REPLAY, '--prometheus', address], { names: address, advises: 'another port' });
		server.close();
	});

	test('does not keep the process when another output is refused', async () => {
		const { code, stderr } = await runIngero([...REPLAY, '--prometheus', ':0', '--db', folder]);
		expect(code).toBe(2);
		expect(stderr).toContain(folder);
	});
});

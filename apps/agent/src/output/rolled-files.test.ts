import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { databaseBytes, putAside, rolledFiles } from './rolled-files';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'rolled files '));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('keeps the newest files and touches no others', () => {
	const path = join(folder, 'ingero.db');
	const bystanders = ['ingero.db.bak', 'ingero.20261125.db', 'other.20261125T041500123Z.3fa9c1.db', 'ingero.notes.txt'];
	for (const name of bystanders) writeFileSync(join(folder, name), 'mine');
	const aside: string[] = [];
	for (let day = 1; day <= 5; day++) {
		writeFileSync(path, `file ${day}`);
		aside.push(putAside(path, 3, new Date(Date.UTC(2026, 0, day))));
	}
	expect(existsSync(path)).toBe(false);
	expect(rolledFiles(path)).toEqual(aside.slice(-3).reverse());
	expect(rolledFiles(path).map((file) => readFileSync(file, 'utf8'))).toEqual(['file 5', 'file 4', 'file 3']);
	for (const name of bystanders) expect(readFileSync(join(folder, name), 'utf8')).toBe('mine');
});

test('counts the write-ahead log', () => {
	const path = join(folder, 'ingero.db');
	expect(databaseBytes(path)).toBe(0);
	writeFileSync(path, 'x'.repeat(10));
	writeFileSync(`${path}-wal`, 'x'.repeat(5));
	expect(databaseBytes(path)).toBe(15);
});

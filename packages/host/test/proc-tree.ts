import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder in the place of /proc or /sys: texts by path, and links as `{ link: target }`. Removed when disposed of. */
export class FileTree implements Disposable {
	readonly root: string = mkdtempSync(join(tmpdir(), 'ingero-host-'));

	constructor(files: Readonly<Record<string, string | { readonly link: string }>>) {
		for (const [path, content] of Object.entries(files)) this.write(path, content);
	}

	write(path: string, content: string | { readonly link: string }): void {
		const file = join(this.root, path);
		mkdirSync(dirname(file), { recursive: true });
		if (typeof content === 'string') writeFileSync(file, content);
		else symlinkSync(content.link, file);
	}

	remove(path: string): void {
		rmSync(join(this.root, path), { recursive: true });
	}

	[Symbol.dispose](): void {
		rmSync(this.root, { recursive: true });
	}
}

import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './packages.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** @returns {string | undefined} path of a Chromium or Chrome */
export function findChromium() {
	const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
	return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => {
		try {
			accessSync(path, constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

/**
 * Opens a page with a script in it, and gives what the script prints.
 *
 * @param {string} chromium
 * @param {string} script prints with `console.log`
 * @returns {Promise<string>}
 */
export async function runInChromium(chromium, script) {
	const folder = mkdtempSync(join(tmpdir(), 'ingero chromium '));
	try {
		const page = join(folder, 'page.html');
		writeFileSync(page, pageOf(script));
		const options = ['--headless', '--disable-gpu', '--no-first-run', '--disable-dev-shm-usage', '--dump-dom'];
		// Chromium refuses to run as root with a sandbox; it opens nothing here but this page.
		if (process.getuid?.() === 0) options.push('--no-sandbox');
		const profile = `--user-data-dir=${join(folder, 'profile')}`;
		const { stdout } = await run(chromium, [...options, profile, pathToFileURL(page).href], folder);
		const printed = stdout.match(/<pre>(.*?)<\/pre>/s)?.[1];
		if (printed === undefined) throw new Error(`the page was not shown: ${stdout.slice(0, 500)}`);
		return decodeURIComponent(printed);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** What is printed is shown as one URI component: HTML has nothing to say about that. */
function pageOf(script) {
	const inline = script.replaceAll('</script', '<\\/script');
	return `<!doctype html><meta charset="utf-8"><pre></pre><script>
const printed = [];
console.log = (...words) => printed.push(words.join(' '));
addEventListener('error', ({ message }) => printed.push(message));
addEventListener('DOMContentLoaded', () => { document.querySelector('pre').textContent = encodeURIComponent(printed.join('\\n')); });
</script><script>${inline}</script>`;
}

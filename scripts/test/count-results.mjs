/**
 * Reads how many tests passed from the log of a test task, whichever runner wrote it.
 *
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @param {string} log may hold several runs; they are added up
 * @returns {Counts | undefined} `undefined` where no runner has said how it ended
 */
export function countResults(log) {
	const lines = withoutColours(log).split('\n');
	const runs = [...lines.flatMap(vitestSummary), ...nodeSummaries(lines)];
	if (runs.length === 0) return undefined;
	return runs.reduce(addCounts);
}

/** @type {(a: Counts, b: Counts) => Counts} */
export function addCounts(a, b) {
	return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** The reasons a log gives for what could not run, each once. */
export function skipReasons(log) {
	const reasons = [...withoutColours(log).matchAll(/\bskipped: (\S.*)$/gm)].map(([, reason]) => reason.trim());
	return [...new Set(reasons)];
}

/** `Tests  1 failed | 77 passed | 2 skipped | 1 todo (81)` */
function vitestSummary(line) {
	if (/^\s*No test files found, exiting with code 0/.test(line)) return [{ passed: 0, failed: 0, skipped: 0 }];
	const counts = line.match(/^\s*Tests\s+(\d.*)\s\(\d+\)\s*$/)?.[1];
	if (counts === undefined) return [];
	const number = (word) => Number(counts.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
	return [{ passed: number('passed'), failed: number('failed'), skipped: number('skipped') + number('todo') }];
}

/** `ℹ pass 5` or, in TAP, `# pass 5`, in a block of such lines that ends with the time it took */
function nodeSummaries(lines) {
	const runs = [];
	let block = {};
	for (const line of lines) {
		const [, word, number] = line.match(/^[ℹ#] (tests|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/) ?? [];
		if (word === undefined) continue;
		block[word] = Number(number);
		if (word !== 'duration_ms') continue;
		const { pass = 0, fail = 0, cancelled = 0, skipped = 0, todo = 0 } = block;
		runs.push({ passed: pass, failed: fail + cancelled, skipped: skipped + todo });
		block = {};
	}
	return runs;
}

function withoutColours(text) {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
	return text.replace(/\u001b\[[0-9;]*m/g, '');
}

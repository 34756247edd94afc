/**
 * @typedef {object} Result
 * @property {import('./kernels.mjs').Kernel} kernel
 * @property {'passed' | 'failed' | 'skipped'} outcome
 * @property {string} [reason] why it was skipped, or could not be judged by its checks
 */

/** What a guest told, as one result. It passes only where it ran to its end, on the kernel asked for. */
export function judge(kernel, { told, ended, log, seconds }) {
	const hello = told.find(({ type }) => type === 'hello');
	const checks = told.filter(({ type }) => type === 'check');
	const failed = checks.filter(({ passed }) => !passed);
	const result = (outcome, facts) => ({ kernel, outcome, seconds, hello, checks, ...facts });
	if (hello === undefined) return result('failed', { reason: `nothing came from it; ${ended}`, log });
	if (!hello.release.startsWith(`${kernel.series}.`)) {
		return result('failed', { reason: `it ran Linux ${hello.release}`, log });
	}
	if (!told.some(({ type }) => type === 'done')) {
		const last = checks.at(-1);
		const after = last === undefined ? 'its start' : `“${last.name}”`;
		return result('failed', { reason: `it ended after ${after}; ${ended}`, log });
	}
	if (checks.length === 0) return result('failed', { reason: 'it made no check', log });
	if (failed.length > 0) return result('failed', { log });
	return result('passed', {});
}

/** One line for a kernel, and for one that failed a line for each failed check. */
export function describeResult({ kernel, outcome, reason, seconds, hello, checks }) {
	if (outcome === 'skipped') return `${kernel.name}: skipped: ${reason}`;
	const head = `${kernel.name}: ${outcome}`;
	const time = `${Math.round(seconds)} s`;
	const failures = (checks ?? []).filter(({ passed }) => !passed);
	const lines = failures.map((failure) => `\n  ${failure.name}: ${describeFailure(failure)}`);
	if (hello === undefined || reason !== undefined) return `${head} (${time}): ${reason}${lines.join('')}`;
	return `${head} (${hello.release}, ${time}): ${summaryOf(hello, checks)}${lines.join('')}`;
}

function summaryOf({ features }, checks) {
	const seen = Object.fromEntries(checks.filter(({ passed }) => passed).map((check) => [check.name, check.seen]));
	const total = (field) => checks.reduce((sum, check) => sum + (check.seen?.[field] ?? 0), 0);
	const { refusal, 'attach and detach': attach } = seen;
	const links = features.uprobeMulti.supported ? 'uprobe multi links' : 'perf events';
	return [
		...(refusal === undefined ? [] : [`refused with exit code ${refusal.exitCode}, “${refusal.says}”`]),
		...(attach === undefined ? [] : [`${attach.sites} sites by ${links}, none left`]),
		...(total('produced') === 0
			? []
			: [
					`${total('produced')} calls = ${total('delivered')} delivered + ${total('sampledOut')} sampled out`,
					`${total('ledgers')} ledgers, ${total('rebuilt')} of them rebuilt alike`,
					`${total('arguments')} arguments`,
				]),
		...['kprobe', 'fentry'].flatMap((name) => (seen[name]?.calls > 0 ? [`${name} ${seen[name].calls} calls`] : [])),
		`${checks.filter(({ passed }) => passed).length} of ${checks.length} checks`,
	].join('; ');
}

function describeFailure({ reason, hint, code, verifierLog }) {
	const more = [code, hint, verifierLog].filter((text) => text !== undefined);
	return [reason, ...more].join('\n').replaceAll('\n', '\n    ');
}

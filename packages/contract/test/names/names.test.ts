import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Allowed, allowed } from './allowed.ts';
import { ownedNames } from './owned.ts';
import { type Finding, scan } from './scanner.ts';
import { workspaceSources } from './sources.ts';

const owned = ownedNames();

function permits({ within, names }: Allowed, { file, name }: Finding): boolean {
	return names.includes(name) && (within.endsWith('/') ? file.startsWith(within) : file === within);
}

test('no package or app spells a name of the contract', () => {
	const sources = workspaceSources(fileURLToPath(new URL('../../../..', import.meta.url)));
	expect(sources.length).toBeGreaterThan(0);
	const findings = sources.flatMap(({ file, text }) => scan(file, text, owned));

	const offences = findings
		.filter((finding) => !allowed.some((entry) => permits(entry, finding)))
		.map(({ file, line, name, literal }) => `${file}:${line}: ${name}, in ${JSON.stringify(literal)}`);
	expect(
		offences,
		`Import these from @ingero/contract, or add them to allowed.ts with the reason:\n  ${offences.join('\n  ')}`,
	).toEqual([]);

	const needless = allowed.filter((entry) => !findings.some((finding) => permits(entry, finding)));
	expect(needless, 'match nothing; take them out of allowed.ts').toEqual([]);
});

test.each([
	['a metric', `gauge('ingero.infer.step_duration_ns')`],
	['a metric in a longer text', `write("# HELP gpu_memory_used_bytes GPU memory in use.")`],
	['a metric of the conventions', `const name = 'hw.status';`],
	['an attribute', `attributes['nccl.op_type'] = 1;`],
	['an attribute of the resource', `const key = "service.instance.id";`],
	['a key of an object', `const map = { 'gpu.uuid': uuid };`],
	['a message', `if (message === 'inference_outlier') stop();`],
	['a message with an ordinary name', `send({ type: 'summary', pid });`],
	['a loss', `count('ledger_ring_full');`],
	['a loss in a type', `type Cause = 'sampled_out' | 'other';`],
	['a name not in the contract yet', `counter('ingero.infer.invented');`],
	['the same on Prometheus', `counter('ingero_infer_invented_total');`],
	['a name at the end of a template', `line(\`\${node} system.cpu.utilization\`);`],
	['a name put together', `counter(\`gpu.throttle.\${bucket}_active\`);`],
])('%s is found', (_what, code) => {
	const findings = scan('planted.ts', `// first line\n${code}\n`, owned);
	expect(findings).toMatchObject([{ file: 'planted.ts', line: 2 }]);
});

test.each([
	['an import', `import { metrics } from '@ingero/contract';`],
	['a reference', `gauge(metrics.inferStepDurationNs.name);`],
	['a comment', `// ingero.infer.step_duration_ns`],
	['the key of a symbol', `Symbol.for('ingero.store.error')`],
	['a path', `open('/tmp/ingero-remediate.sock');`],
	['plain words', `const columns = ['pid', 'type', 'stream_handle', 'late', 'summary'];`],
	['prose', `fail('The GPU is not known to the system.');`],
])('%s is not', (_what, code) => {
	expect(scan('innocent.ts', code, owned)).toEqual([]);
});

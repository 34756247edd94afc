// Runs make where the addon can be built. Elsewhere the package still builds: it says so when it is used.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (command, ...args) => spawnSync(command, args, { cwd: root, encoding: 'utf8' });

function obstacle() {
	if (process.platform !== 'linux') return `eBPF exists on Linux only, this is ${process.platform}`;
	if (run('make', '--version').status !== 0) return 'there is no make';
	const probe = spawnSync(process.env.CC ?? 'cc', ['-E', '-x', 'c', '-'], {
		input: '#include <bpf/libbpf.h>\n',
		encoding: 'utf8',
	});
	if (probe.error) return 'there is no C compiler';
	if (probe.status !== 0) return 'the libbpf development files are missing (package libbpf-dev or libbpf-devel)';
	return undefined;
}

const reason = obstacle();
if (reason === undefined) {
	process.exitCode = spawnSync('make', { cwd: root, stdio: 'inherit' }).status ?? 1;
} else {
	console.log(`addon not built: ${reason}`);
	// Continuous integration must not pass for want of a package.
	if (process.env.CI && process.platform === 'linux') process.exitCode = 1;
}

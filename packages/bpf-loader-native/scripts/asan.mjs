// Runs this package's kernel tests, its bench and its leak check with the addon built for AddressSanitizer and
// UndefinedBehaviorSanitizer, in a copy of the package. Needs root, gcc and what `pnpm test:bpf` needs.
//   node scripts/asan.mjs                      everything here
//   node scripts/asan.mjs SCRIPT [ARGUMENT...]    another script, with this addon where it asks for the package
// Fails when a sanitizer reports anything, whichever process it is in.
import { spawnSync } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const COPY = join(PACKAGE, 'build', 'asan');
const REPORTS = join(COPY, 'reports');
const SANITIZE = '-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer';
const BUILD_ENVIRONMENT = { ...process.env, CFLAGS: `-O1 -g ${SANITIZE}`, LDFLAGS: SANITIZE };

/** Node is not built for the sanitizer, so that its library must be there first. */
const LIBRARY =
	spawnSync(process.env.CC ?? 'cc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout?.trim() ?? '';

// Node's own: V8 keeps references where the checker does not look. What the addon and libbpf allocate is recognised by the
// function that allocated, which is why contexts are short.
const SUPPRESSIONS = ['leak:bin/node$', 'leak:ld-linux'];

function environment(detectLeaks) {
	const asan = {
		detect_leaks: detectLeaks ? 1 : 0,
		malloc_context_size: detectLeaks ? 2 : 20,
		// Freed memory is kept for a while; a test counts what a process occupies.
		quarantine_size_mb: 4,
		handle_segv: 0,
		allow_user_segv_handler: 1,
		log_path: join(REPORTS, 'report'),
	};
	const options = (values) =>
		Object.entries(values)
			.map(([name, value]) => `${name}=${value}`)
			.join(':');
	return {
		...BUILD_ENVIRONMENT,
		LD_PRELOAD: realpathSync(LIBRARY),
		ASAN_OPTIONS: options(asan),
		UBSAN_OPTIONS: options({ print_stacktrace: 1, log_path: asan.log_path }),
		LSAN_OPTIONS: options({ suppressions: join(COPY, 'suppressions.txt'), print_suppressions: 0 }),
	};
}

function run(title, command, args, { detectLeaks = false, cwd = COPY, plain = false } = {}) {
	console.log(`${title} ...`);
	const env = plain ? BUILD_ENVIRONMENT : environment(detectLeaks);
	const { status, error } = spawnSync(command, args, { cwd, env, stdio: 'inherit' });
	if (error) throw error;
	return status;
}

function reports() {
	return readdirSync(REPORTS).map((name) => readFileSync(join(REPORTS, name), 'utf8'));
}

function must(title, status) {
	const found = reports();
	for (const report of found) console.error(report);
	if (status !== 0 || found.length > 0) throw new Error(`${title}: exit code ${status}, ${found.length} reports`);
}

function copyPackage() {
	rmSync(COPY, { recursive: true, force: true });
	mkdirSync(REPORTS, { recursive: true });
	for (const name of [
		'src',
		'dist',
		'test',
		'bench',
		'package.json',
		'tsconfig.json',
		'Makefile',
		'README.md',
		'vitest.bpf.config.ts',
	]) {
		cpSync(join(PACKAGE, name), join(COPY, name), { recursive: true });
	}
	symlinkSync(join(PACKAGE, 'node_modules'), join(COPY, 'node_modules'));
	rmSync(join(COPY, 'test', 'bpf', 'build'), { recursive: true, force: true });
	writeFileSync(join(COPY, 'suppressions.txt'), `${SUPPRESSIONS.join('\n')}\n`);
	// For scripts of other packages: this copy is the package.
	const entry = JSON.stringify(pathToFileURL(join(COPY, 'dist', 'index.js')).href);
	writeFileSync(
		join(COPY, 'redirect.mjs'),
		`import { registerHooks } from 'node:module';
registerHooks({ resolve: (name, context, next) => next(name === '@ingero/bpf-loader-native' ? ${entry} : name, context) });
`,
	);
}

function checkLeaks() {
	const script = join(COPY, 'test', 'asan', 'leaks.mjs');
	const leak = (...rest) => run('leaks', process.execPath, [script, COPY, ...rest], { detectLeaks: true });
	must('leaks', leak());
	const control = [
		'-shared',
		'-fPIC',
		'-O0',
		'-g',
		'-fsanitize=address',
		'-isystem',
		'node_modules/node-api-headers/include',
	];
	run('a leak on purpose', 'cc', [...control, '-o', 'build/leak.node', 'test/asan/leak.c'], { plain: true });
	leak('leak');
	const found = reports();
	if (!found.some((report) => report.includes('1234 byte')))
		throw new Error('the leak checker did not find a leak made on purpose');
	rmSync(REPORTS, { recursive: true });
	mkdirSync(REPORTS);
}

try {
	if (!existsSync(LIBRARY)) throw new Error('the compiler has no libasan.so: install gcc’s sanitizers');
	copyPackage();
	if (run('build', 'make', ['--silent', 'build/bpf_loader.node', 'test'], { plain: true }) !== 0)
		throw new Error('make failed');
	const [script, ...args] = process.argv.slice(2);
	if (script !== undefined) {
		const options = ['--import', pathToFileURL(join(COPY, 'redirect.mjs')).href, resolve(script), ...args];
		must(script, run(script, process.execPath, options, { cwd: process.cwd() }));
	} else {
		const vitest = join(PACKAGE, 'node_modules', 'vitest', 'vitest.mjs');
		checkLeaks();
		must('bench', run('bench', process.execPath, ['bench/drain.mjs']));
		must('tests', run('tests', process.execPath, [vitest, 'run', '--config', 'vitest.bpf.config.ts']));
	}
	console.log('no report');
} catch (error) {
	console.error(`asan: ${error.message}`);
	process.exitCode = 1;
}

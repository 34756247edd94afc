import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStage, StageError } from '../bootstrap/stage.mjs';
import { CACHE } from './cache.mjs';

/**
 * The releases whose packages are looked at, oldest first: bullseye has Linux 5.10, bookworm 6.1, trixie 6.12 and its
 * backports all that came after. Each package index is 8 MB, so there are no more than needed.
 */
const SUITES = ['bullseye', 'bookworm', 'trixie', 'trixie-backports'];
const ARCHITECTURES = ['amd64', 'arm64'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Lists this old are asked for again: packages of a kernel go when the next one comes. */
const FRESH_MS = 24 * 3_600_000;

const HOME = join(CACHE, 'apt');
const SOURCES = join(HOME, 'sources.list');

/** Nothing of this machine's apt is read or written but its proxy settings: sources, lists, state and cache are our own. */
const OPTIONS = [
	`Dir::Etc::sourcelist=${SOURCES}`,
	'Dir::Etc::sourceparts=-',
	'Dir::Etc::preferencesparts=-',
	`Dir::State=${join(HOME, 'state')}`,
	`Dir::State::status=${join(HOME, 'status')}`,
	`Dir::Cache=${join(HOME, 'cache')}`,
	// Container images turn these off, and then every command reads all lists again.
	'Dir::Cache::pkgcache=pkgcache.bin',
	'Dir::Cache::srcpkgcache=srcpkgcache.bin',
	'APT::Architecture=amd64',
	...ARCHITECTURES.map((architecture) => `APT::Architectures::=${architecture}`),
	'APT::Sandbox::User=root',
	'APT::Update::Post-Invoke-Success::=true',
	'Acquire::Languages=none',
	'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
	'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false',
].flatMap((option) => ['-o', option]);

/** Debian's packages of several releases and architectures, through an apt of our own. */
export class DebianArchive {
	#opened = false;

	/** Names of packages for any architecture, in any release, that a regular expression matches. */
	async names(pattern) {
		await this.#open();
		return tool('apt-cache', [...OPTIONS, 'pkgnames', 'linux-'])
			.split('\n')
			.filter((name) => pattern.test(name));
	}

	/**
	 * Downloads packages and unpacks them into one folder, which is left as it is where it is there already.
	 *
	 * @param {string} folder
	 * @param {'amd64' | 'arm64'} architecture
	 * @param {readonly string[]} packages each `name` or `name/suite`
	 */
	async unpack(folder, architecture, packages) {
		if (existsSync(folder)) return;
		await this.#open();
		const downloads = join(HOME, 'downloads');
		rmSync(downloads, { recursive: true, force: true });
		mkdirSync(downloads, { recursive: true });
		const wanted = packages.map((name) => name.replace(/(\/|$)/, `:${architecture}$1`));
		await runStage({
			title: `download ${packages.join(' ')} (${architecture})`,
			log: 'kernels-download',
			command: 'sh',
			args: ['-c', 'cd "$1" && shift && exec apt-get "$@"', 'sh', downloads, ...OPTIONS, 'download', ...wanted],
		});
		const unfinished = `${folder}.new`;
		rmSync(unfinished, { recursive: true, force: true });
		mkdirSync(unfinished, { recursive: true });
		for (const file of readdirSync(downloads)) tool('dpkg-deb', ['-x', join(downloads, file), unfinished]);
		tool('mv', ['-T', unfinished, folder]);
		rmSync(downloads, { recursive: true });
	}

	async #open() {
		if (this.#opened) return;
		this.#opened = true;
		const mirror = process.env.INGERO_DEBIAN_ARCHIVE ?? mirrorOfThisMachine();
		if (mirror === undefined) {
			throw new StageError(
				'Debian’s kernels are needed, and this machine’s apt knows no Debian archive: name one in INGERO_DEBIAN_ARCHIVE.',
			);
		}
		if (!existsSync(KEYRING)) throw new StageError(`${KEYRING} is missing: install debian-archive-keyring.`);
		for (const folder of ['state/lists/partial', 'cache/archives/partial']) {
			mkdirSync(join(HOME, folder), { recursive: true });
		}
		writeFileSync(join(HOME, 'status'), '');
		writeFileSync(SOURCES, SUITES.map((suite) => `deb [signed-by=${KEYRING}] ${mirror} ${suite} main\n`).join(''));
		const lists = readdirSync(join(HOME, 'state/lists')).filter((name) => name.endsWith('InRelease'));
		const ageMs = Math.max(...lists.map((name) => Date.now() - statSync(join(HOME, 'state/lists', name)).ctimeMs));
		if (lists.length === SUITES.length && ageMs < FRESH_MS) return;
		await runStage({
			title: `package lists of ${SUITES.join(', ')}`,
			log: 'kernels-update',
			command: 'apt-get',
			args: [...OPTIONS, '-qq', '-o', 'APT::Update::Error-Mode=any', 'update'],
		});
	}
}

/** Where this machine gets its own Debian packages; `undefined` where it is no Debian. */
function mirrorOfThisMachine() {
	const lines = spawnSync('apt-get', ['indextargets', '--format', '$(ORIGIN)|$(LABEL)|$(REPO_URI)'], {
		encoding: 'utf8',
	}).stdout;
	const line = lines?.split('\n').find((text) => text.startsWith('Debian|Debian|'));
	return line?.slice('Debian|Debian|'.length);
}

/** Runs a program that is quick, and gives its output. */
export function tool(command, args, options = {}) {
	const { status, stdout, stderr, error } = spawnSync(command, args, {
		encoding: 'utf8',
		maxBuffer: 1 << 28,
		...options,
	});
	if (status === 0) return stdout;
	throw new StageError(`$ ${[command, ...args].join(' ')}\n${error?.message ?? stderr}`);
}

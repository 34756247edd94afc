// `pnpm bundle`: one archive with Node, the agent, the addon and its libraries, for Linux hosts of this architecture that
// have no internet and no compiler. Needs a finished build (`npm run setup`), xz and binutils.
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';
import { copyAgent } from './agent-tree.mjs';
import { command } from './command.mjs';
import { checkGlibc, copyNative } from './native.mjs';
import { verifyArchive } from './verify.mjs';

const OUT = join(ROOT, 'out');
/** Two of them fit into what one call can carry to a host. */
const LIMIT_BYTES = 40 * 2 ** 20;
/** Of the folders of scripts for GPU hosts. */
const NOT_CARRIED = /\/(?:node_modules|__pycache__|\.turbo|test|package\.json|turbo\.json)$/;

const { version } = JSON.parse(readFileSync(join(ROOT, 'apps/agent/package.json'), 'utf8'));
const name = `ingero-${version}-linux-${process.arch}`;
const stage = join(OUT, name);
const archive = `${stage}.tar.xz`;

rmSync(stage, { recursive: true, force: true });
mkdirSync(join(stage, 'bin'), { recursive: true });

copyAgent(join(stage, 'app'));
copyNative(stage);
cpSync(join(ROOT, 'fixtures/cuda-standin/build/bin/serving-loop'), join(stage, 'standin/bin/serving-loop'));
cpSync(join(ROOT, 'fixtures/cuda-standin/build/lib'), join(stage, 'standin/lib'), { recursive: true });
for (const folder of ['bench/gpu', 'fixtures/gpu-workloads'])
	cpSync(join(ROOT, folder), join(stage, folder), { recursive: true, filter: (path) => !NOT_CARRIED.test(path) });
for (const file of ['README.md', 'run-on-gpu-host.sh'])
	copyFileSync(join(import.meta.dirname, file), join(stage, file));
copyFileSync(join(import.meta.dirname, 'launcher.sh'), join(stage, 'ingero'));
copyFileSync(join(ROOT, 'LICENSE'), join(stage, 'LICENSE'));
for (const file of ['ingero', 'run-on-gpu-host.sh', 'bin/node']) chmodSync(join(stage, file), 0o755);
checkGlibc(stage);

// Same input, same bytes; the script lies beside the archive too, since it is what unpacks it.
const stable = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
command('tar', ['-C', OUT, ...stable, '-cJf', archive, name], { XZ_OPT: '-6 -T0' });
copyFileSync(join(import.meta.dirname, 'run-on-gpu-host.sh'), join(OUT, 'run-on-gpu-host.sh'));
chmodSync(join(OUT, 'run-on-gpu-host.sh'), 0o755);
rmSync(stage, { recursive: true });

const { size } = statSync(archive);
if (size > LIMIT_BYTES) throw new Error(`${archive} has ${size} bytes, the limit is ${LIMIT_BYTES}`);
verifyArchive(archive, name);
console.log(`${archive}  ${(size / 2 ** 20).toFixed(1)} MiB`);

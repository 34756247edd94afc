// Runs make where the parts in C can be built. Elsewhere the package still builds: the bench says what is missing.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const missing = ['make', process.env.CLANG ?? 'clang'].find((tool) => spawnSync(tool, ['--version']).error);
if (process.platform !== 'linux') console.log(`native parts not built: this is ${process.platform}, eBPF is Linux’s`);
else if (missing !== undefined) console.log(`native parts not built: there is no ${missing}`);
else process.exitCode = spawnSync('make', { cwd, stdio: 'inherit' }).status ?? 1;

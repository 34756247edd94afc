// npm run build:arm64: the addon and the stand-in CUDA library for arm64, on a machine of any other architecture.
import { relative } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';
import { StageError, say } from '../bootstrap/stage.mjs';
import { ARM64_ADDON, ARM64_STANDIN, buildArm64 } from './arm64.mjs';
import { DebianArchive } from './debian-archive.mjs';

try {
	await buildArm64(new DebianArchive());
	for (const path of [ARM64_ADDON, ARM64_STANDIN]) say(relative(ROOT, path));
} catch (error) {
	if (!(error instanceof StageError)) throw error;
	say(error.message);
	process.exitCode = error.exitCode;
}

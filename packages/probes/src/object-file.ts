import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ProbeError } from './errors';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86', arm64: 'arm64' };

/**
 * A compiled eBPF object for this machine, shipped beside the code.
 *
 * @param directory where the objects lie, one folder an architecture; default: with this package
 * @param object its name; default: the one about CUDA and steps
 * @throws ProbeError when there is none
 */
export function objectFile(
	directory: string = fileURLToPath(new URL('./bpf', import.meta.url)),
	object = 'ingero',
): string {
	const folder = ARCHITECTURES[process.arch];
	if (process.platform !== 'linux' || folder === undefined) {
		throw new ProbeError(
			'INGERO_PROBES_UNSUPPORTED_PLATFORM',
			`probing needs Linux on x86-64 or arm64, this is ${process.platform} on ${process.arch}; recordings replay here`,
		);
	}
	const path = `${directory}/${folder}/${object}.bpf.o`;
	if (!existsSync(path)) {
		throw new ProbeError('INGERO_PROBES_NO_OBJECT', `the eBPF object ${path} is missing: build the package again`);
	}
	return path;
}

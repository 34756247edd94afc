import { basename } from 'node:path';
import type { FunctionFamily } from '../functions';
import { findFunctions } from '../sites/elf-symbols';

/** By family: the names its libraries go by, and a function that every one of them exports. */
const FAMILIES: Readonly<Record<FunctionFamily, { readonly name: RegExp; readonly exported: string }>> = {
	driver: { name: /^libcuda\.so(\.[\d.]+)?$/, exported: 'cuLaunchKernel' },
	// Python wheels carry copies with a hash in their names.
	runtime: { name: /^libcudart(-[0-9a-f]+)?\.so(\.[\d.]+)?$/, exported: 'cudaLaunchKernel' },
	// PyTorch may be built with NCCL inside.
	nccl: { name: /^(libnccl(-[0-9a-f]+)?\.so(\.[\d.]+)?|libtorch_cuda\.so)$/, exported: 'ncclAllReduce' },
};

const ALL = Object.keys(FAMILIES) as FunctionFamily[];

/** Every such name begins like one of these. */
export const NAME_BEGINNINGS: readonly string[] = ['/libcuda', '/libnccl', '/libtorch_cuda'];

/** Whether a library of one of these families may have this name. */
export function mayBeOf(families: readonly FunctionFamily[], name: string): boolean {
	return families.some((family) => FAMILIES[family].name.test(name));
}

/**
 * What a library is, by what it exports; a file may be of several families, and a stub is of none.
 *
 * @param path where it can be opened
 * @throws ProbeError INGERO_PROBES_BAD_LIBRARY when it cannot be read
 */
export function familiesOf(path: string): FunctionFamily[] {
	const exported = findFunctions(path, new Set(ALL.map((family) => FAMILIES[family].exported)));
	return ALL.filter((family) => exported.some(({ name }) => name === FAMILIES[family].exported));
}

/** What a library claims to be. */
export function familiesByName(path: string): FunctionFamily[] {
	return ALL.filter((family) => FAMILIES[family].name.test(basename(path)));
}

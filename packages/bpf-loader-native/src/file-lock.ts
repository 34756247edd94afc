import { binding } from './binding';

/**
 * Takes the lock of an open file, without waiting. It lasts until the descriptor is closed, be it by the end of the process,
 * and holds back everybody on this machine who asks for the same file's.
 *
 * @returns false when somebody else has it
 * @throws {BpfError} INGERO_BPF_LOCK when the file has none, as on some network file systems
 */
export function lockFile(descriptor: number): boolean {
	return binding().fileLock(descriptor);
}

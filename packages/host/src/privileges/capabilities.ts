import { DEFAULT_PROC_ROOT, type ProcOptions, readNamespace, readTextFile, statusField } from '../proc-files';
import { type CapabilityName, parseCapabilityMask } from './capability-names';

/** PROC_USER_INIT_INO of include/linux/proc_ns.h: the user namespace every machine starts with. */
const INITIAL_USER_NAMESPACE = 0xeffffffd;

/** What this process may do. */
export interface Capabilities {
	/** empty where procfs is not readable, as on other systems than Linux */
	readonly effective: ReadonlySet<CapabilityName>;
	readonly effectiveUid: number | undefined;
	/**
	 * Whether the capabilities hold for the kernel itself. The root of a user namespace (rootless containers) has a full
	 * set that bpf() does not accept.
	 */
	readonly inInitialUserNamespace: boolean;
}

export function readCapabilities(options: ProcOptions = {}): Capabilities {
	const folder = `${options.procRoot ?? DEFAULT_PROC_ROOT}/self`;
	const status = readTextFile(`${folder}/status`) ?? '';
	const mask = statusField(status, 'CapEff');
	const uid = statusField(status, 'Uid')?.split(/\s+/)[1];
	const namespace = readNamespace(`${folder}/ns/user`);
	return {
		effective: new Set(mask === undefined ? [] : parseCapabilityMask(mask)),
		effectiveUid: uid === undefined ? undefined : Number(uid),
		// A kernel built without user namespaces has no such file, and nothing to be confined to.
		inInitialUserNamespace: namespace === undefined || namespace === INITIAL_USER_NAMESPACE,
	};
}

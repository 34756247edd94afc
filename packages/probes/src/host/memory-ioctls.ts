import type { BpfMap } from '@ingero/bpf-loader-native';
import type { Operations } from '../functions';
import { type IoctlClass, ioctlClass } from './ioctl-classes';
import { type GroupLosses, lossesOf } from './losses';
import { MEMORY_IOCTL_OPERATIONS } from './operations';
import { type GroupProgram, ProbeGroup, type ProgramReport } from './probe-group';

/**
 * Where the driver's ioctls are seen: at its own function, by `fentry` or `kprobe`, or at the system call
 * (`tracepoint`), which also tells result and duration, and which every system call of the machine pays for a little.
 */
export type MemoryIoctlWay = 'fentry' | 'kprobe' | 'tracepoint';

/** Options of {@link MemoryIoctlProbes}. */
export interface MemoryIoctlOptions {
	/** Tried in this order, the first that the kernel takes is used. */
	readonly ways: readonly MemoryIoctlWay[];
	/**
	 * The kernel function for `kprobe`: its second argument is the command, its third the address of what goes with it.
	 * Default `nvidia_unlocked_ioctl`.
	 */
	readonly symbol?: string | undefined;
	/** Folder of the eBPF objects, if not with this package. */
	readonly objectDirectory?: string | undefined;
}

/** How often a process has made an ioctl. */
export interface IoctlCount {
	readonly pid: number;
	/** Low byte of the command, or what a command that wraps another means. */
	readonly number: number;
	readonly about: IoctlClass;
	readonly count: number;
}

const RING_BYTES = 256 << 10;

function programsOf(symbol: string): Readonly<Record<MemoryIoctlWay, readonly GroupProgram[]>> {
	const atSystemCall = (name: string, tracepoint: string): GroupProgram => ({
		name,
		attach: (program) => program.attachTracepoint('syscalls', tracepoint),
	});
	return {
		fentry: [{ name: 'ioctl_fentry', attach: (program) => program.attachFentry() }],
		kprobe: [{ name: 'ioctl_kprobe', attach: (program) => program.attachKprobe({ symbol }) }],
		// The return first, so that no entry is seen without it.
		tracepoint: [atSystemCall('ioctl_returned', 'sys_exit_ioctl'), atSystemCall('ioctl_entered', 'sys_enter_ioctl')],
	};
}

/**
 * What processes ask of the NVIDIA kernel driver: each ioctl counted by process and number; those that take or give back
 * memory are records, too, which {@link MEMORY_IOCTL_OPERATIONS} explains.
 *
 * Experimental: the driver's function and its numbers are nobody's promise. Whoever makes one of these decides whether
 * this driver and kernel may be probed.
 */
export class MemoryIoctlProbes implements Disposable {
	readonly operations: Operations = MEMORY_IOCTL_OPERATIONS;
	/** The way that is used; none where the kernel takes none. */
	readonly way: MemoryIoctlWay | undefined;
	/** What became of each way tried. */
	readonly reports: readonly (ProgramReport & { readonly way: MemoryIoctlWay })[];
	readonly #group: ProbeGroup | undefined;
	#finalCounts: readonly IoctlCount[] | undefined;

	/**
	 * Loads and attaches.
	 *
	 * @throws ProbeError where the objects are missing or the platform has no probes
	 */
	constructor({ ways, symbol = 'nvidia_unlocked_ioctl', objectDirectory }: MemoryIoctlOptions) {
		const programs = programsOf(symbol);
		const names = Object.values(programs).flatMap((of) => of.map(({ name }) => name));
		const reports: (ProgramReport & { readonly way: MemoryIoctlWay })[] = [];
		this.reports = reports;
		for (const way of ways) {
			const own = programs[way];
			const unwanted = names.filter((name) => !own.some((program) => program.name === name));
			const group = new ProbeGroup(
				{ object: 'memory_ioctl', programs: own, unwanted, ringBytes: RING_BYTES },
				objectDirectory,
			);
			reports.push(...group.reports.map((report) => ({ way, ...report })));
			if (group.reports.every(({ attached }) => attached)) {
				this.#group = group;
				this.way = way;
				return;
			}
			group.close();
		}
	}

	/** The sums so far, of all processes that have not been forgotten. */
	counts(): readonly IoctlCount[] {
		const sums = this.#group?.map('ioctl_counts');
		return sums === undefined ? (this.#finalCounts ?? []) : read(sums);
	}

	/** Forgets the sums of a process that has ended. */
	forgetProcess(pid: number): void {
		const sums = this.#group?.map('ioctl_counts');
		for (const key of sums?.keys() ?? []) if (new Uint32Array(key.slice().buffer)[0] === pid) sums?.delete(key);
	}

	/**
	 * Reads records of 12 words into `target`, in the order in which they happened.
	 *
	 * @param target room for at least one record
	 * @returns words read; call it until that is 0
	 */
	drain(target: Uint32Array): number {
		return this.#group?.drain(target) ?? 0;
	}

	/** Of all ioctls: those that are no records are `summed`. `undefined` where nothing is probed. */
	losses(): GroupLosses | undefined {
		return this.#group === undefined ? undefined : lossesOf(this.#group, this.#group.counters.summed);
	}

	/** Detaches; what was seen until now can still be drained. */
	stop(): void {
		this.#group?.stop();
	}

	/** Detaches and unloads; counts and losses stay what they were. */
	close(): void {
		this.#finalCounts = this.counts();
		this.#group?.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}
}

function read(sums: BpfMap): IoctlCount[] {
	return [...sums.entries()].map(([key, value]) => {
		const [pid = 0, number = 0] = new Uint32Array(key.slice().buffer);
		const [count = 0n] = new BigUint64Array(value.slice().buffer);
		return { pid, number, about: ioctlClass(number), count: Number(count) };
	});
}

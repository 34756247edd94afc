import type { AttachEvent } from '../attach/attachments';
import type { LevelChange } from '../guard/governor';
import type { HostChoice } from '../host/host-sources';
import type { ProbeSession } from './probe-session';

/** Options of a {@link ProbeSession}; all may be left out. */
export interface ProbeSessionOptions extends HostChoice {
	/** Processes to trace. Default: every process that uses CUDA, now or later. */
	readonly pids?: readonly number[] | undefined;
	/** Trace the processes of these users only, by real user id, at most 64. Not together with `pids`. Default: of all. */
	readonly uids?: readonly number[] | undefined;
	/** Fraction of the steps whose raw events are delivered, 0 to 1. Default 0: ledgers only. */
	readonly admission?: number;
	/** Follow the memory of processes: every call that gives or takes it is told, whatever the admission. Default false. */
	readonly memory?: boolean;
	/**
	 * Probe libcudart too: what applications call and how long each call takes, as raw events of admitted steps. Costs a
	 * launch another entry and return. Default false.
	 */
	readonly runtime?: boolean;
	/** Probe NCCL too: collectives, which steps then count, and communicators. Default false. */
	readonly nccl?: boolean;
	/** Take the user stack of each admitted call: {@link ProbeSession.stack}. Default false. */
	readonly stacks?: boolean;
	/**
	 * Library files to probe before any process maps them, so that no call of one that starts later is missed; see
	 * {@link installedDriverLibraries}. Default none.
	 */
	readonly libraries?: readonly string[];
	/**
	 * Also probe functions whose first instruction the kernel has to single-step, at 5 to 17 us a call. Default: they are
	 * left out, which {@link LibraryProbes} says.
	 */
	readonly allowSteppedSites?: boolean | undefined;
	/** Wall clock minus CLOCK_MONOTONIC in ns, when the source should know wall time. */
	readonly wallOffsetNs?: bigint | undefined;
	/**
	 * Room for raw events between kernel and reader, in bytes, a power of two from 4096 on. Default 16 MiB: 0.3 s of a
	 * million calls a second.
	 */
	readonly eventRingBytes?: number | undefined;
	/** The same for ledgers and what orders them. Default 16 MiB. */
	readonly ledgerRingBytes?: number | undefined;
	/** Folder of the eBPF objects, if not with this package. */
	readonly objectDirectory?: string | undefined;
	/**
	 * Guard mode: launches are watched in samples of 100 ms, every 5 s and after an outlier; meanwhile steps are told by
	 * their read-backs alone, as `launchesUnseen`. Default false.
	 */
	readonly guard?: boolean;
	/**
	 * What probes may cost the process that pays most, as a share of one thread's time. Above it raw events are left out,
	 * then guard mode begins, then all probes go; `onLevel` hears of it. 0 is no limit. Default 0.
	 */
	readonly maxOverhead?: number;
	/** Told when the cost of probing was over its limit, or has been far below it, and more or less is probed from now on. */
	readonly onLevel?: ((change: LevelChange) => void) | undefined;
	/** Told of libraries found, probed and left. */
	readonly onAttach?: ((event: AttachEvent) => void) | undefined;
}

/** @throws TypeError for an option out of range */
export function checkOptions({ admission = 0, pids, uids, maxOverhead = 0 }: ProbeSessionOptions): void {
	if (!(maxOverhead >= 0 && maxOverhead < 1)) {
		throw new TypeError(`maxOverhead: expected a number from 0 to below 1, got ${maxOverhead}`);
	}
	if (!(admission >= 0 && admission <= 1)) {
		throw new TypeError(`admission: expected a number from 0 to 1, got ${admission}`);
	}
	if (uids !== undefined && pids !== undefined) throw new TypeError('uids: not together with pids');
	for (const uid of uids ?? []) {
		if (!Number.isInteger(uid) || uid < 0) throw new TypeError(`uids: expected user numbers, got ${uid}`);
	}
	for (const pid of pids ?? []) {
		if (!Number.isInteger(pid) || pid <= 0) throw new TypeError(`pids: expected process numbers, got ${pid}`);
	}
}

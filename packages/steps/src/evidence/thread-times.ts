import type { ThreadSleep } from './thread-sleep';

/** Where each time is among the values: in the order of the kernel's record (bpf/include/ingero_events.h). */
export const Place = {
	runQueueNs: 0,
	waitRunQueueNs: 1,
	behindSiblingNs: 2,
	lockNs: 3,
	blockedNs: 4,
	ioNs: 5,
	waitNs: 6,
	allocNs: 7,
	copiedBytes: 8,
	processRunQueueNs: 9,
	processCopiedBytes: 10,
	processLaunches: 11,
	machineLaunches: 12,
	neighbourPid: 13,
	neighbourSwitches: 14,
} as const;

const PLACES = Object.keys(Place).length;

/**
 * Where the time of one thread went and what went on around it, as sums since its process was first seen: what lies
 * between two moments is a difference. Made by {@link ThreadAccounts} from raw events, and by the kernel's programs
 * (bpf/include/ingero_evidence.h) in the same way.
 *
 * Comes with every read-back and every wait, so it is written over, not made anew.
 */
export class ThreadTimes {
	/** All of them, each at its {@link Place}. */
	readonly values: Float64Array = new Float64Array(PLACES);

	/** Ready to run, but the CPU had other things to do; outside of blocking calls. */
	get runQueueNs(): number {
		return this.values[Place.runQueueNs] as number;
	}

	/** The same inside calls that wait for the GPU: part of `waitNs`. */
	get waitRunQueueNs(): number {
		return this.values[Place.waitRunQueueNs] as number;
	}

	/** Part of the two at whose end the CPU came from another thread of the process. */
	get behindSiblingNs(): number {
		return this.values[Place.behindSiblingNs] as number;
	}

	/** Asleep outside of blocking calls, from and until moments at which another thread of the process was running. */
	get lockNs(): number {
		return this.values[Place.lockNs] as number;
	}

	/** Asleep outside of blocking calls otherwise. */
	get blockedNs(): number {
		return this.values[Place.blockedNs] as number;
	}

	/** In uninterruptible sleep outside of blocking calls: disk, page faults, a driver. */
	get ioNs(): number {
		return this.values[Place.ioNs] as number;
	}

	/** Inside calls that wait for the GPU: synchronisation and blocking copies. */
	get waitNs(): number {
		return this.values[Place.waitNs] as number;
	}

	/** Inside timed calls that allocate device memory. */
	get allocNs(): number {
		return this.values[Place.allocNs] as number;
	}

	/** Bytes this thread had copied, in all directions. */
	get copiedBytes(): number {
		return this.values[Place.copiedBytes] as number;
	}

	/** Run-queue wait of all threads of the process that use CUDA, this one included. */
	get processRunQueueNs(): number {
		return this.values[Place.processRunQueueNs] as number;
	}

	/** Bytes the process had copied. */
	get processCopiedBytes(): number {
		return this.values[Place.processCopiedBytes] as number;
	}

	/** Launches of kernels and graphs by the process. */
	get processLaunches(): number {
		return this.values[Place.processLaunches] as number;
	}

	/** Launches of kernels and graphs by all processes. */
	get machineLaunches(): number {
		return this.values[Place.machineLaunches] as number;
	}

	/** The other CUDA process with which this one last shared a CPU, 0 for none. */
	get neighbourPid(): number {
		return this.values[Place.neighbourPid] as number;
	}

	/** How often a CPU went from this process to another CUDA process, or the other way round. */
	get neighbourSwitches(): number {
		return this.values[Place.neighbourSwitches] as number;
	}

	/** Kept from running, outside of waits for the GPU: all but those and the time on a CPU. */
	get heldUpNs(): number {
		return this.runQueueNs + this.lockNs + this.blockedNs + this.ioNs + this.allocNs;
	}

	/** Become the same as others. */
	set(others: ThreadTimes): void {
		// Value by value: for so few faster than the array's own set().
		for (let i = 0; i < PLACES; i++) this.values[i] = others.values[i] as number;
	}

	/** Become what lies between two moments. */
	setBetween(from: ThreadTimes, to: ThreadTimes): void {
		for (let i = 0; i < PLACES; i++) this.values[i] = (to.values[i] as number) - (from.values[i] as number);
		this.values[Place.neighbourPid] = this.neighbourSwitches === 0 ? 0 : to.neighbourPid;
	}

	/** Become those when a sleep is over. */
	sleep({ asleepNs, readyNs, isLock }: ThreadSleep): void {
		this.#add(Place.runQueueNs, readyNs);
		this.#add(Place.processRunQueueNs, readyNs);
		this.#add(isLock ? Place.lockNs : Place.blockedNs, asleepNs);
	}

	/** A sleep in them was a wait for the GPU. */
	sleptForGpu({ asleepNs, isLock }: ThreadSleep): void {
		this.#add(Place.waitNs, asleepNs);
		this.#add(isLock ? Place.lockNs : Place.blockedNs, -asleepNs);
	}

	/** So much more of it was a wait for the GPU. */
	waited(ns: number): void {
		this.#add(Place.waitNs, ns);
	}

	/** The waits in them become those of another thread, between two moments of it. */
	setWaits(from: ThreadTimes, to: ThreadTimes): void {
		this.values[Place.waitNs] = to.waitNs - from.waitNs;
		this.values[Place.waitRunQueueNs] = to.waitRunQueueNs - from.waitRunQueueNs + to.runQueueNs - from.runQueueNs;
		this.#add(Place.behindSiblingNs, to.behindSiblingNs - from.behindSiblingNs);
	}

	#add(place: number, ns: number): void {
		this.values[place] = (this.values[place] as number) + ns;
	}
}

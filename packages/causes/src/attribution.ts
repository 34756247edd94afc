import { slowStepCauses as causes, type SlowStepCause } from '@ingero/contract/enums';
import type { Measures } from './measures';

/** Facts beside the measures. */
export interface Surroundings {
	/** The GPU held its clocks down. */
	readonly throttled: boolean;
	/** Another process used the GPU, or may have: one that shares CPUs with this one. */
	readonly sharesGpu: boolean;
	/** It keeps step with another process, which waits for it and for which it waits. */
	readonly inLockstep: boolean;
	/** What its peers lost to causes of their own meanwhile, ns. */
	readonly peerDelayNs: number;
	/** It waited for a lock of its process, in this step or the one before. */
	readonly locked: boolean;
	/** Bytes that other threads of the process were copying meanwhile, beyond the usual. */
	readonly copyBacklogBytes: number;
}

/** A copy of this size takes 20 us over PCIe 5 x16: smaller ones slow nobody down. */
const NOTABLE_COPY_BYTES = 1 << 20;

const HOST_CAUSES: readonly SlowStepCause[] = [
	causes.cpuContention.name,
	causes.lockWait.name,
	causes.hostIo.name,
	causes.memoryPressure.name,
	causes.hostDelay.name,
];
const ALONE: Surroundings = {
	throttled: false,
	sharesGpu: false,
	inLockstep: false,
	peerDelayNs: 0,
	locked: false,
	copyBacklogBytes: 0,
};

/** Excess per cause, ns; those of the same time compete, so that the sum may be above the excess. */
export function attribute(step: Measures, usual: Measures, around: Surroundings): Map<SlowStepCause, number> {
	const parts = new Map<SlowStepCause, number>();
	const add = (name: SlowStepCause, ns: number) => {
		if (ns > 0) parts.set(name, (parts.get(name) ?? 0) + ns);
	};
	const over = (measure: keyof Measures) => Math.max(0, step[measure] - usual[measure]);

	const waitRunQueueNs = Math.min(over('waitRunQueueNs'), over('waitNs'));
	const runQueueNs = over('runQueueNs') + waitRunQueueNs;
	// The holder of a lock that takes the CPU as well.
	const behindHolderNs = around.locked ? Math.min(runQueueNs, over('behindSiblingNs')) : 0;
	// Asleep until another thread had done its part, which waited for a CPU.
	const handedOverNs = Math.min(over('lockNs') + over('blockedNs'), over('siblingRunQueueNs'));
	const handedOverLockNs = Math.min(handedOverNs, over('lockNs'));
	add(causes.cpuContention.name, runQueueNs - behindHolderNs + handedOverNs);
	add(causes.lockWait.name, over('lockNs') - handedOverLockNs + behindHolderNs);
	add(causes.hostIo.name, over('ioNs'));
	add(causes.memoryPressure.name, over('allocNs'));
	add(causes.hostDelay.name, over('blockedNs') - (handedOverNs - handedOverLockNs));
	attributeWait(over('waitNs') - waitRunQueueNs);
	attributeRunning(over('runningNs'));
	return parts;

	/** The GPU took longer, or began later. */
	function attributeWait(waitNs: number): void {
		if (waitNs <= 0) return;
		if (fellBack(step, usual)) add(causes.graphFallback.name, waitNs);
		else {
			const moreWorkNs = Math.min(waitNs, usual.waitNs * (growth(step, usual) - 1));
			add(causes.moreWork.name, moreWorkNs);
			const restNs = waitNs - Math.max(0, moreWorkNs);
			add(whoSlowedTheGpu(restNs), restNs);
		}
	}

	function whoSlowedTheGpu(ns: number): SlowStepCause {
		if (around.throttled) return causes.throttled.name;
		if (around.inLockstep && around.peerDelayNs > ns / 2) return causes.peerWait.name;
		if (around.copyBacklogBytes > NOTABLE_COPY_BYTES) return causes.copyInterference.name;
		if (around.sharesGpu) return causes.gpuContention.name;
		return around.inLockstep ? causes.peerWait.name : causes.gpuContention.name;
	}

	/** The thread was on the CPU for longer. */
	function attributeRunning(runningNs: number): void {
		if (runningNs <= 0) return;
		if (fellBack(step, usual)) add(causes.graphFallback.name, runningNs);
		else if (step.memoryCalls > usual.memoryCalls) add(causes.memoryPressure.name, runningNs);
		else {
			const moreWorkNs = Math.max(0, Math.min(runningNs, usual.runningNs * (ratio(step.launches, usual.launches) - 1)));
			add(causes.moreWork.name, moreWorkNs);
			// A full launch queue and a blocking copy spin inside the driver.
			add(around.sharesGpu ? causes.gpuContention.name : causes.hostDelay.name, runningNs - moreWorkNs);
		}
	}
}

/** What of its excess a step lost on its own host, ns. */
export function hostDelayNs(step: Measures, usual: Measures): number {
	const parts = attribute(step, usual, ALONE);
	return HOST_CAUSES.reduce((sum, name) => sum + (parts.get(name) ?? 0), 0);
}

/** It launched kernels one by one where its like replay graphs. */
function fellBack(step: Measures, usual: Measures): boolean {
	return usual.graphLaunches > 0 && step.graphLaunches < usual.graphLaunches && step.launches > 2 * usual.launches + 8;
}

/** How much more work the GPU was given; 1 is as usual. */
function growth(step: Measures, usual: Measures): number {
	const grown = Math.max(ratio(step.gridBlocks, usual.gridBlocks), ratio(step.graphLaunches, usual.graphLaunches));
	return step.memcpyBytes > NOTABLE_COPY_BYTES ? Math.max(grown, ratio(step.memcpyBytes, usual.memcpyBytes)) : grown;
}

function ratio(value: number, usual: number): number {
	return usual > 0 ? value / usual : 1;
}

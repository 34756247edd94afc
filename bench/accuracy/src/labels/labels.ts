/** A step as its workload labelled it. Times are ns of the recording's clock. */
export interface Label {
	readonly pid: number;
	readonly workload: string;
	/** `prefill`, `decode`, `mixed`, or `train` for a step that has no phase. */
	readonly phase: string;
	readonly startNs: number;
	/** When its result was on the host. */
	readonly endNs: number;
	readonly durationMs: number;
	readonly batch: number | undefined;
	/** Length of the prompt, tokens. */
	readonly prompt: number | undefined;
	/** All tokens of the step. */
	readonly tokens: number | undefined;
	/** Kinds of the faults in its process meanwhile. */
	readonly faults: readonly string[];
	/** Kinds of the faults in other processes meanwhile. */
	readonly peerFaults: readonly string[];
}

/** Something that was done to slow a process down; without a pid, to all of them. */
export interface Fault {
	readonly kind: string;
	readonly pid: number | undefined;
	readonly startNs: number;
	readonly endNs: number;
}

/** What a workload wrote about itself. */
export interface Labels {
	readonly pids: readonly number[];
	readonly labels: readonly Label[];
	readonly faults: readonly Fault[];
}

/** A labels file as it is written; docs/labelling.md describes it. */
export interface LabelsFile {
	readonly pid?: number;
	readonly processes?: readonly { readonly pid: number }[];
	readonly steps: readonly {
		readonly w: string;
		readonly pid?: number;
		readonly phase: string;
		readonly t0: number;
		readonly t1: number;
		readonly batch?: number;
		readonly prompt?: number;
		readonly tokens?: number;
	}[];
	readonly faults?: readonly {
		readonly kind: string;
		readonly pid?: number;
		readonly t0: number;
		readonly t1: number;
	}[];
}

/** Steps of this workload warm the GPU up: only their edges are scored. */
export const WARM_UP = 'warmup';

/** @throws TypeError for a file that names no process */
export function readLabels(file: LabelsFile): Labels {
	const pids = file.processes?.map(({ pid }) => pid) ?? (file.pid === undefined ? [] : [file.pid]);
	const [first] = pids;
	if (first === undefined) throw new TypeError('labels: expected a `pid` or a process in `processes`, got none');
	const faults = (file.faults ?? []).map(({ kind, pid, t0, t1 }): Fault => ({ kind, pid, startNs: t0, endNs: t1 }));
	const labels = file.steps.map(({ w, pid = first, phase, t0, t1, batch, prompt, tokens }): Label => {
		const meanwhile = faults.filter((fault) => fault.startNs < t1 && fault.endNs > t0);
		const isOwn = (fault: Fault) => (fault.pid ?? pid) === pid;
		return {
			pid,
			workload: w,
			phase,
			startNs: t0,
			endNs: t1,
			durationMs: (t1 - t0) / 1e6,
			batch,
			prompt,
			tokens,
			faults: meanwhile.filter(isOwn).map(({ kind }) => kind),
			peerFaults: meanwhile.filter((fault) => !isOwn(fault)).map(({ kind }) => kind),
		};
	});
	return { pids, labels, faults };
}

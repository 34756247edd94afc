/** Severity of a causal chain. */
export type Severity = 'HIGH' | 'MEDIUM' | 'LOW';

const RANK: Readonly<Record<Severity, number>> = { LOW: 1, MEDIUM: 2, HIGH: 3 };

/** A report older than this says nothing about the present: chains are looked for every few seconds. */
const TTL_NS = 30e9;

/**
 * Which processes are in so much trouble that their steps must not shape a baseline. Bounded by the processes
 * reported within the last 30 s: older entries go with the next report.
 */
export class SeverityGate {
	readonly #threshold: number;
	readonly #reports = new Map<number, { readonly rank: number; readonly atNs: number }>();

	/** @param pauseOn lowest severity that pauses; `off` never does */
	constructor(pauseOn: Severity | 'off') {
		this.#threshold = pauseOn === 'off' ? Number.POSITIVE_INFINITY : RANK[pauseOn];
	}

	/** Replaces what was known of the process; undefined clears it. */
	report(pid: number, severity: Severity | undefined, nowNs: number): void {
		for (const [key, { atNs }] of this.#reports) if (nowNs - atNs >= TTL_NS) this.#reports.delete(key);
		if (severity === undefined) this.#reports.delete(pid);
		else this.#reports.set(pid, { rank: RANK[severity], atNs: nowNs });
	}

	isPaused(pid: number, nowNs: number): boolean {
		if (this.#reports.size === 0) return false;
		const report = this.#reports.get(pid);
		return report !== undefined && report.rank >= this.#threshold && nowNs - report.atNs < TTL_NS;
	}

	forgetProcess(pid: number): void {
		this.#reports.delete(pid);
	}
}

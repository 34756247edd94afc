/**
 * The tables as queries see them. Times named `*_ns` lie on the clock of the source (the kernel's, or that of a recording);
 * `sessions.wall_offset_ns` added to one gives unix time. `bigint` columns are exact over all 64 bits; every other integer fits a `number`.
 */
export interface StoreSchema {
	sessions: SessionsTable;
	operations: OperationsTable;
	steps: StepsTable;
	outliers: OutliersTable;
	baseline_shifts: BaselineShiftsTable;
	events: EventsTable;
	losses: LossesTable;
}

/** One run of the agent. Empty text and 0 mean "not known". */
export interface SessionsTable {
	id: number;
	/** Unix nanoseconds. */
	started_at: bigint;
	/** Unix nanoseconds; 0 while the session runs, and for ever if it was killed. */
	stopped_at: bigint;
	/** Wall clock minus the source's clock, or `null` when there is no wall time (a replay without one). */
	wall_offset_ns: bigint | null;
	node: string;
	ingero_ver: string;
	kernel: string;
	os_release: string;
	cpu_model: string;
	cpu_cores: number;
	/** Megabytes. */
	mem_total: number;
	gpu_model: string;
	gpu_driver: string;
	cuda_ver: string;
	pid_filter: string;
	flags: string;
}

/** What the `op` codes of this session's events mean. */
export interface OperationsTable {
	session_id: number;
	op: number;
	name: string;
	arg0_name: string;
	arg1_name: string;
	arg2_name: string;
}

export interface StepsTable {
	session_id: number;
	/** Number of the step within its session, from 1. A gap is a step that was not written; see `losses`. */
	step_id: number;
	pid: number;
	tid: number;
	/** First 16 hex digits of SHA-256 of the cgroup path; empty when the path is not known. */
	cgroup_path_hash: string;
	stream_handle: bigint;
	phase: string;
	start_ns: bigint;
	end_ns: bigint;
	step_duration_ns: number;
	launch_count: number;
	graph_launch_count: number;
	grid_blocks: number;
	memcpy_bytes: number;
	/** Outlier bucket, or `null` for a step that is none. */
	bucket: string | null;
	/** `step_duration_ns` over `threshold_ns`, or `null` for a step that was not compared. */
	ratio: number | null;
	/** 95th percentile of the workload, whatever the work; `null` before warm-up. */
	baseline_p95_ns: number | null;
	/** 1 for a step that was compared, else 0. */
	warmed: number;
	/** Median of the steps that did the same work; `null` for a step that was not compared. */
	expected_ns: number | null;
	/** 95th percentile of the steps that did the same work; `null` for a step that was not compared. */
	threshold_ns: number | null;
	/** What decided the phase; `null` when the classifier does not say. */
	phase_evidence: string | null;
}

export interface OutliersTable {
	event_id: string;
	session_id: number;
	/** The slow step: `steps.step_id` of the same session. */
	step_id: number;
	baseline_mean_ns: number | null;
	/** NVML throttle bitmap during the step, or `null` when it was not read. */
	throttle_reasons: bigint | null;
	/** Slow-step cause of the contract, or `null` when none was looked for. */
	cause: string | null;
	/** Time the cause explains. */
	cause_explained_ms: number | null;
	/** Share of the step's excess that the cause explains, 0 to 1. */
	cause_share: number | null;
}

/** Baselines that were replaced, because the steps they described are over. */
export interface BaselineShiftsTable {
	event_id: string;
	session_id: number;
	/** The step that made it certain: `steps.step_id` of the same session, which names the workload and the time. */
	step_id: number;
	/** Baseline-shift reason of the contract. */
	reason: string;
	old_p95_ns: number;
	new_p95_ns: number;
	/** Steps behind the new one. */
	samples: number;
}

/** Events of the steps the sampler admitted, in the order of time. */
export interface EventsTable {
	session_id: number;
	ts_ns: bigint;
	/** Tells events of one nanosecond apart. */
	seq: number;
	duration_ns: number;
	pid: number;
	tid: number;
	op: number;
	arg0: bigint;
	arg1: bigint;
	arg2: bigint;
}

/**
 * What became of everything a hop of the pipeline saw: delivered, sampled out, or dropped for a cause. The sum over
 * the fates of one hop and item is what was produced there.
 */
export interface LossesTable {
	session_id: number;
	/** `pipeline`, `store`, ... */
	hop: string;
	/** `events`, `steps`, ... */
	item: string;
	/** A fate or a loss cause of the contract. */
	fate: string;
	count: number;
}

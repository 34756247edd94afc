import type { Insertable } from 'kysely';
import type { SessionsTable } from './schema/tables';

/** What a session row says about the run. Everything but the clock is optional and means "not known" when absent. */
export interface SessionFacts {
	/** Wall clock minus the source's clock, in ns; absent when a replayed recording does not tell. */
	readonly wallOffsetNs?: bigint | undefined;
	readonly node?: string | undefined;
	readonly agentVersion?: string | undefined;
	readonly kernel?: string | undefined;
	readonly osRelease?: string | undefined;
	readonly cpuModel?: string | undefined;
	readonly cpuCores?: number | undefined;
	readonly memTotalMb?: number | undefined;
	/** `name, total memory` of each GPU, joined by newlines. */
	readonly gpuModel?: string | undefined;
	readonly gpuDriver?: string | undefined;
	readonly cudaVersion?: string | undefined;
	readonly pidFilter?: string | undefined;
	readonly flags?: string | undefined;
}

/** The operation table of a recording: code to name, and what its up to three arguments mean. */
export type OperationNames = Readonly<Record<number, { readonly name: string; readonly args: readonly string[] }>>;

type SessionColumns = Omit<Insertable<SessionsTable>, 'id' | 'started_at' | 'stopped_at'>;

export function sessionColumns(facts: SessionFacts): SessionColumns {
	return {
		wall_offset_ns: facts.wallOffsetNs ?? null,
		node: facts.node ?? '',
		ingero_ver: facts.agentVersion ?? '',
		kernel: facts.kernel ?? '',
		os_release: facts.osRelease ?? '',
		cpu_model: facts.cpuModel ?? '',
		cpu_cores: facts.cpuCores ?? 0,
		mem_total: facts.memTotalMb ?? 0,
		gpu_model: facts.gpuModel ?? '',
		gpu_driver: facts.gpuDriver ?? '',
		cuda_ver: facts.cudaVersion ?? '',
		pid_filter: facts.pidFilter ?? '',
		flags: facts.flags ?? '',
	};
}

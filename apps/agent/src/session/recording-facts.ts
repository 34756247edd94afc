import { arch, release } from 'node:os';
import { queryNvidiaGpus, readNvidiaKernelModule, readProcess } from '@ingero/host';
import type { RecordingFacts } from '@ingero/recording';
import { processName } from '../output/live-view';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** What the header of a new recording says about this machine and its workload. */
export async function recordingFacts(pids: readonly number[] | undefined): Promise<Omit<RecordingFacts, 'operations'>> {
	const gpus = (await queryNvidiaGpus()) ?? [];
	const names = (pids ?? []).map((pid) => processName(readProcess(pid)?.cmdline ?? []));
	return {
		gpu: gpus.map(({ name }) => name).join(', '),
		driver: readNvidiaKernelModule()?.version ?? '',
		kernel: release(),
		arch: ARCHITECTURES[arch()] ?? arch(),
		workload: names.join(', '),
	};
}

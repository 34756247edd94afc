export { type CgroupIdentity, CgroupPaths, type CgroupPathsOptions } from './cgroup/cgroup-paths';
export { containerIdOf, hashCgroupPath, parseCgroupPath, readCgroupPath } from './cgroup/path';
export { measureWallOffset, monotonicNs, type WallOffset } from './clock';
export { type KernelInfo, type KernelOptions, type LockdownMode, readKernel } from './kernel/kernel';
export { isKernelAtLeast, type KernelVersion, parseKernelVersion } from './kernel/kernel-version';
export { type NvidiaKernelModule, parseNvidiaVersion, readNvidiaKernelModule } from './nvidia/driver-version';
export {
	KprobeAllowListError,
	type KprobeVerdict,
	kprobeVerdict,
	parseKprobeAllowList,
	readKprobeAllowList,
	TESTED_PAIRS,
	type TestedPair,
} from './nvidia/kprobe-allow-list';
export { type NvidiaGpu, type NvidiaGpusOptions, parseGpuList, queryNvidiaGpus } from './nvidia/nvidia-smi';
export { type Capabilities, readCapabilities } from './privileges/capabilities';
export { type CapabilityName, parseCapabilityMask } from './privileges/capability-names';
export {
	checkTracingPrivileges,
	type MissingPrivilege,
	type TracingPrivileges,
	type TracingPrivilegesOptions,
} from './privileges/tracing-privileges';
export type { ProcOptions } from './proc-files';
export { type ProcessExistsOptions, processExists } from './process/process-exists';
export { type ProcessInfo, readProcess } from './process/read-process';

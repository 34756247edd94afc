export type { AttachEvent } from './attach/attachments';
export { type LibraryProbes, planSites, type SitePolicy, type SymbolReport } from './attach/library-probes';
export { type SymbolSurvey, surveySymbols } from './attach/symbol-survey';
export { installedDriverLibraries } from './discovery/installed-libraries';
export {
	type DiscoveryChange,
	type DiscoveryOptions,
	LibraryDiscovery,
	type LibraryMapper,
	type MappedLibrary,
} from './discovery/library-discovery';
export { reachableFile } from './discovery/reachable-file';
export { ProbeError, type ProbeErrorCode } from './errors';
export {
	type FunctionFamily,
	type ProbeChoice,
	type ProbedFunction,
	probedFunctions,
	probedOperations,
} from './functions';
export type { LevelChange, ProbeLevel } from './guard/governor';
export type { ProgramCost } from './guard/probe-costs';
export { type HostGroup, HostProbes, type HostProbesOptions } from './host/host-probes';
export type { HostChoice } from './host/host-sources';
export type { IoctlClass } from './host/ioctl-classes';
export type { GroupLosses } from './host/losses';
export {
	type IoctlCount,
	type MemoryIoctlOptions,
	MemoryIoctlProbes,
	type MemoryIoctlWay,
} from './host/memory-ioctls';
export { HOST_OPERATIONS, MEMORY_IOCTL_OPERATIONS } from './host/operations';
export type { ProgramReport } from './host/probe-group';
export { objectFile } from './object-file';
export {
	requireSafeProbes,
	type SelfTestOptions,
	type SelfTestResult,
	selfTest,
	type Verdict,
} from './self-test/self-test';
export { LedgerReader } from './session/ledger-reader';
export { ProbeSession } from './session/probe-session';
export type { ProbeSessionOptions } from './session/session-options';
export type { ProbeSite, SiteClass } from './sites/site';
export { type StackFrame, Symbolizer } from './stacks/symbolizer';

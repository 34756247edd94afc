export type { AttachEvent } from './attach/attachments';
export { type LibraryProbes, planSites, type SymbolReport } from './attach/library-probes';
export { type SymbolSurvey, surveySymbols } from './attach/symbol-survey';
export { LibraryDiscovery } from './discovery/library-discovery';
export { ProbeError, type ProbeErrorCode } from './errors';
export { PROBED_FUNCTIONS, PROBED_OPERATIONS, type ProbedFunction } from './functions';
export { objectFile } from './object-file';
export { ProbeSession, type ProbeSessionOptions } from './probe-session';
export type { ProbeSite, SiteClass } from './sites/site';

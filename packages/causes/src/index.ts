export { CauseAnalyzer, type CauseAnalyzerOptions } from './cause-analyzer';
export type { Explained, Explanation } from './explanation';
export type { CauseEvidence, CauseStep } from './step';

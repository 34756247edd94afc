export { type Annotation, annotation } from './annotation';
export { type EventMessage, event, type LaunchedGraph, type NcclCall } from './event';
export { type InferenceBaselineShiftMessage, inferenceBaselineShift } from './inference-baseline-shift';
export { type InferenceOutlierMessage, inferenceOutlier } from './inference-outlier';
export { type InferenceSamplerDegradedMessage, inferenceSamplerDegraded } from './inference-sampler-degraded';
export { type InferenceStepMessage, inferenceStep } from './inference-step';
export { type MemoryMessage, memory } from './memory';
export { type StraggleMessage, straggle } from './straggle';
export {
	type StragglerResolvedMessage,
	type StragglerStateMessage,
	stragglerResolved,
	stragglerState,
} from './straggler';
export { type SummaryMessage, summary } from './summary';
export type { RemediationMessage, StdoutMessage } from './unions';

import type { EventMessage } from './event';
import type { InferenceBaselineShiftMessage } from './inference-baseline-shift';
import type { InferenceOutlierMessage } from './inference-outlier';
import type { InferenceSamplerDegradedMessage } from './inference-sampler-degraded';
import type { InferenceStepMessage } from './inference-step';
import type { MemoryMessage } from './memory';
import type { StraggleMessage } from './straggle';
import type { StragglerResolvedMessage, StragglerStateMessage } from './straggler';
import type { SummaryMessage } from './summary';

/** Everything that a client of the remediation socket can receive. */
export type RemediationMessage =
	| InferenceBaselineShiftMessage
	| InferenceOutlierMessage
	| InferenceSamplerDegradedMessage
	| MemoryMessage
	| StraggleMessage
	| StragglerResolvedMessage
	| StragglerStateMessage;

/** Everything that the agent can print in JSON mode, one object a line. */
export type StdoutMessage =
	| EventMessage
	| InferenceBaselineShiftMessage
	| InferenceOutlierMessage
	| InferenceStepMessage
	| SummaryMessage;

/** Instrumentation scopes: of the tracing agent, and of the one that reports to a fleet. */
export const scopes = { trace: 'ingero', fleet: 'ingero.health' } as const;

/** Names of spans. */
export const spans = {
	/** A slow step, one span name a bucket. */
	inferOutlier: { '1.5x': 'infer.outlier.1.5x', '2x': 'infer.outlier.2x', '3x': 'infer.outlier.3x' },
	/** The node was a straggler. */
	detectionStraggler: 'ingero.detection.straggler',
	/** The node was degraded. */
	detectionDegradation: 'ingero.detection.degradation',
	/** Event at the end of a detection. */
	detectionOutcomeEvent: 'outcome',
} as const;

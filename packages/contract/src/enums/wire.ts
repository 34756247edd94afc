// Values that protocols fix.

/** OTLP AggregationTemporality. */
export const aggregationTemporalities = { delta: 1, cumulative: 2 } as const;

/** OTLP SpanKind; ours are all internal. */
export const spanKinds = { internal: 1 } as const;

/** OTLP StatusCode. */
export const statusCodes = { unset: 0, ok: 1, error: 2 } as const;

/** Last byte hashed into an id that is derived because no random bytes could be had. */
export const idSalts = { event: 1, trace: 2, span: 3 } as const;

/** Headers of the fleet's answers. */
export const httpHeaders = { threshold: 'X-Ingero-Threshold', quorumMet: 'X-Ingero-Quorum-Met' } as const;

/** The same as gRPC metadata. */
export const grpcMetadata = { threshold: 'ingero-threshold', quorumMet: 'ingero-quorum-met' } as const;

/** Paths of OTLP/HTTP and of the fleet's threshold. */
export const paths = { metrics: '/v1/metrics', traces: '/v1/traces', threshold: '/api/v1/threshold' } as const;

/** Query parameters of the fleet's threshold. */
export const queryParams = { clusterId: 'cluster_id' } as const;

/** Names to send: the historic ones, both, or the standard ones where they exist. */
export const semconvModes = ['legacy', 'dup', 'latest'] as const;
export type SemconvMode = (typeof semconvModes)[number];

/** Groups of names that a semconv mode is chosen for. */
export const semconvGroups = ['gen_ai', 'hw', 'system', 'resource'] as const;
export type SemconvGroup = (typeof semconvGroups)[number];

/** Why telemetry was given up before it was delivered. */
export const exportDropReasons = ['queue_full', 'retry_exhausted', 'non_retryable', 'too_large', 'shutdown'] as const;
export type ExportDropReason = (typeof exportDropReasons)[number];

/** Why a socket message reached no client. */
export const udsDropReasons = ['no_client', 'marshal_error', 'write_error'] as const;
export type UdsDropReason = (typeof udsDropReasons)[number];

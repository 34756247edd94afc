export { isOtlpError, OtlpError, type OtlpErrorCode } from './errors';
export { inferenceFamilies } from './inference/families';
export type {
	EventLosses,
	InferenceSnapshot,
	SamplerState,
	StepCounters,
	WorkloadState,
} from './inference/snapshot';
export type { AttributeKey, AttributesOf, AttributeValue } from './metrics/attributes';
export { family, type Histogram, type MetricFamily, type Point, type PointOf } from './metrics/family';
export { prometheusContentType, renderPrometheus } from './prometheus/render';
export { formatAddress, isLoopback, type ListenAddress, parseListenAddress } from './server/address';
export { PrometheusServer, type PrometheusServerOptions } from './server/prometheus-server';

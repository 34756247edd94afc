import { lossCauses } from '@ingero/contract/enums';
import { agentEventsDropped } from '@ingero/contract/metrics';

/** A way to lose events, and where it is counted. */
export interface LossCounter {
	readonly cause: string;
	readonly description: string;
	/** Names of the counter, as OTLP and as Prometheus know it. */
	readonly otlp: string;
	readonly prometheus: string;
}

/** Every cause of a loss, with its counter. */
export function lossCounters(): LossCounter[] {
	const { name, attributes, prometheus } = agentEventsDropped;
	return Object.values(lossCauses).map(({ name: cause, description }) => ({
		cause,
		description,
		otlp: `${name}{${attributes[0]}="${cause}"}`,
		prometheus: `${prometheus.name}{${prometheus.labels[0]}="${cause}"}`,
	}));
}

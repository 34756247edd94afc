import type { Phase, PhaseClassifier, PhaseSignals } from '@ingero/infer-baseline';

const DECODE_LAUNCHES_BELOW = 50;
const PREFILL_LAUNCHES_ABOVE = 200;

/**
 * The phase rules that the original agent publishes, to compare with; the first that matches wins. They differ from
 * our `rule`: memory fragmentation before NCCL, exclusive bounds, mixed from 50 to 200 launches inclusive. Copies were
 * never routed to them, so they count as none. Their rule on the mean time of a launch call is left out: it needs return
 * probes on launches, and recordings have none.
 */
export class OriginalRules implements PhaseClassifier {
	classify({ launches, ncclCalls, memfragEvents }: Omit<PhaseSignals, 'memcpyBytes'>): Phase {
		if (memfragEvents >= 1 && launches < DECODE_LAUNCHES_BELOW) return 'decode';
		if (ncclCalls > 0) return 'prefill';
		if (launches > PREFILL_LAUNCHES_ABOVE) return 'prefill';
		if (launches === 0) return 'unknown';
		return launches < DECODE_LAUNCHES_BELOW ? 'decode' : 'mixed';
	}
}

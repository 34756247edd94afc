import { expect, test } from 'vitest';
import { OriginalRules } from './original-rules';

test.for([
	{ launches: 10, nccl: 0, memfrag: 0, phase: 'decode' },
	{ launches: 49, nccl: 0, memfrag: 0, phase: 'decode' },
	{ launches: 50, nccl: 0, memfrag: 0, phase: 'mixed' },
	{ launches: 200, nccl: 0, memfrag: 0, phase: 'mixed' },
	{ launches: 201, nccl: 0, memfrag: 0, phase: 'prefill' },
	{ launches: 0, nccl: 0, memfrag: 0, phase: 'unknown' },
	{ launches: 10, nccl: 1, memfrag: 0, phase: 'prefill' },
	{ launches: 10, nccl: 1, memfrag: 5, phase: 'decode' },
	{ launches: 500, nccl: 0, memfrag: 5, phase: 'prefill' },
])('$launches launches, $nccl NCCL calls, $memfrag memfrag events: $phase', ({ launches, nccl, memfrag, phase }) => {
	expect(new OriginalRules().classify({ launches, ncclCalls: nccl, memfragEvents: memfrag })).toBe(phase);
});

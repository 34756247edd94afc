import type { Reported } from '../../helpers/pipeline';

/** What is decided about a step, without what it is called and when it was. */
export function decisionOf(step: Reported): object {
	return { ...judgementOf(step), cause: step.explanation?.cause.name };
}

/** The same without its cause. */
export function judgementOf({ phase, bucket, idle, tainted, first, warmed }: Reported): object {
	return { phase, bucket, idle, tainted, first, warmed };
}

/** All that is reported of a step but its cause, which lies in what other processes do, too. */
export function verdictOf({ explanation: _, ...step }: Reported): object {
	return step;
}

export function isSame(left: unknown, right: unknown): boolean {
	return textOf(left) === textOf(right);
}

export function textOf(value: unknown): string {
	return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? `${part}n` : part));
}

/** Steps by process and end. @param k the times of `steps` are this many times those in the keys */
export function byEnd(steps: readonly Reported[], k = 1): Map<string, Reported> {
	return new Map(steps.map((step) => [endOf(step, k), step]));
}

export function endOf({ pid, endNs }: Reported, k = 1): string {
	return `${pid} ${Number(endNs) / k}`;
}

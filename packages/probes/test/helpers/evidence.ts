import type { CompletedLedger, StepEvidence } from '@ingero/steps';

export function withoutEvidence(ledgers: readonly CompletedLedger[]): Omit<CompletedLedger, 'evidence'>[] {
	return ledgers.map(({ evidence, ...ledger }) => ledger);
}

/** How far each figure of one is from that of the other, but for some. */
export function differences(
	one: StepEvidence,
	other: StepEvidence,
	but: readonly string[],
): [name: string, difference: number][] {
	return Object.entries(one)
		.filter(([name]) => !but.includes(name))
		.map(([name, value]) => [name, Math.abs(value - other[name as keyof StepEvidence])]);
}

/** The sum of one figure over all steps that have evidence. */
export function sumOf(ledgers: readonly CompletedLedger[], name: keyof StepEvidence): number {
	return ledgers.reduce((sum, { evidence }) => sum + (evidence?.[name] ?? 0), 0);
}

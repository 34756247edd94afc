import type { StepLedger } from '../ledger';

/** What a step did. `unknown` is a finding too: its signals fit no phase. */
export type Phase = 'prefill' | 'decode' | 'mixed' | 'unknown';

/** Every {@link Phase}, and `''` for a step that was not classified because the classifier is off. */
export const PHASES: readonly ['', 'prefill', 'decode', 'mixed', 'unknown'] = [
	'',
	'prefill',
	'decode',
	'mixed',
	'unknown',
];

/** A {@link Phase}, or `''` when the classifier is off. */
export type StepPhase = (typeof PHASES)[number];

/**
 * Tells a step's phase from its work. Never from its own duration: a slow decode must still be compared with the
 * decodes. Called once for every step, in order of observation; must not throw.
 */
export interface PhaseClassifier {
	classify(ledger: StepLedger): Phase;
	/** What decided the phase of the latest step, in a word, for a classifier that can say it. */
	readonly evidence?: string;
	/** The process is gone, its pid may come back as another program: forget what was learnt of it. */
	forgetProcess?(pid: number): void;
}

import * as baseline from '@ingero/infer-baseline';
import { OriginalRules } from './original-rules';

/** A classifier that may say what decided the phase of its latest step. */
export type BenchClassifier = baseline.PhaseClassifier & { readonly evidence?: string };

/** What the agent uses unless told otherwise. */
export const defaultClassifier = (): BenchClassifier => new baseline.AutoClassifier();

/** What is compared: the original's rules, ours after the same idea, and the classifier that learns. */
export const CLASSIFIERS: Readonly<Record<string, () => BenchClassifier>> = {
	original: () => new OriginalRules(),
	rule: () => new baseline.RuleClassifier(),
	auto: defaultClassifier,
};

import { InferenceEngine, type StepLedger } from '@ingero/infer-baseline';

/** Regions for a panel, from the steps of its data frame. */
export function annotations(steps: readonly StepLedger[]): { timeMs: number; timeEndMs: number; text: string }[] {
	const engine = new InferenceEngine();
	return steps.flatMap((step) => {
		const { startNs, endNs, phase, bucket, shift } = engine.detect(step) ?? {};
		if (startNs === undefined || endNs === undefined) return [];
		const text = shift ? `${phase}: new level, ${shift.reason}` : `${phase}: ${bucket} its usual time`;
		return [{ timeMs: startNs / 1e6, timeEndMs: endNs / 1e6, text }];
	});
}

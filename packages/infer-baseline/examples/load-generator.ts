import { InferenceEngine, stepLedger } from '@ingero/infer-baseline';

const engine = new InferenceEngine({ classifier: 'off' });
let nowNs = 0;
for (let request = 0; request < 200; request++) {
	const promptTokens = request % 4 === 0 ? 2000 : 100;
	const firstWorkNs = nowNs;
	nowNs += promptTokens * 50_000 + (request === 150 ? 40e6 : 0); // measured: the time to the first token
	const slow = engine.detect(stepLedger({ firstWorkNs, completedNs: nowNs, gridBlocks: promptTokens }));
	if (slow) console.log(`request ${request}: ${slow.durationNs / 1e6} ms, expected ${(slow.expectedNs ?? 0) / 1e6}`);
}

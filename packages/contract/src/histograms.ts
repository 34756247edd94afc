/**
 * Upper bounds of the finite buckets by metric, in the unit of the metric. A value belongs to the first bound that is
 * not below it; one more bucket takes the rest. The two inference histograms are geometric: bound i of n is
 * round(lo * (hi / lo)^(i / (n - 1))). Histograms of an engine that are not listed keep the engine's own bounds.
 */
export const histogramBounds = {
	'ingero.infer.step_duration_ns': [
		100_000, 227_585, 517_947, 1_178_769, 2_682_696, 6_105_402, 13_894_955, 31_622_777, 71_968_567, 163_789_371,
		372_759_372, 848_342_898, 1_930_697_729, 4_393_970_561, 10_000_000_000,
	],
	'ingero.infer.kvcache.alloc_age_ms': [
		10, 22, 48, 106, 232, 509, 1116, 2449, 5375, 11794, 25880, 56789, 124_612, 273_435, 600_000,
	],
	'gpu.memcpy.duration_ms': [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000],
	'gpu.kernel.launch.threads_per_block': [32, 64, 128, 256, 512, 1024],
	'gpu.kernel.launch.grid_blocks': [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262_144, 1_048_576],
	'gen_ai.server.time_to_first_token': [
		0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
	],
	'gen_ai.server.time_per_output_token': [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5],
	'gen_ai.server.request.duration': [
		0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
	],
	'gen_ai.client.operation.duration': [
		0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
	],
	'gen_ai.client.token.usage': [
		1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
	],
} as const;

/** The bounds that the original uses in place of the geometric ones, for `--histogram-layout=go`. */
export const goHistogramBounds = {
	'ingero.infer.step_duration_ns': [
		100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
		250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000,
	],
	'ingero.infer.kvcache.alloc_age_ms': [
		10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 120_000, 300_000, 600_000,
	],
} as const;

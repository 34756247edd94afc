import type { AdmissionSampler, InferenceEngine } from '@ingero/infer-baseline';
import { type Histogram, inferenceFamilies, PrometheusServer, parseListenAddress } from '@ingero/otlp';
import type { LossLedger } from '@ingero/steps';
import type { SessionOutput } from './session-output';

/** Serves what the engine knows at the moment it is asked. */
export class PrometheusOutput implements SessionOutput {
	readonly #server: PrometheusServer;

	/** @throws OtlpError that names the address when it is malformed or taken */
	static async listen(
		address: string,
		session: {
			readonly engine: InferenceEngine;
			readonly losses: () => LossLedger;
			/** Absent where nothing is sampled. */
			readonly sampler?: { readonly state: AdmissionSampler; readonly nowNs: () => number } | undefined;
			/** Absent where nobody follows allocations. */
			readonly allocations?: { readonly agesMs: Histogram } | undefined;
		},
	): Promise<PrometheusOutput> {
		const { engine, losses, sampler, allocations } = session;
		const server = await PrometheusServer.listen({
			...parseListenAddress(address),
			collect: () =>
				inferenceFamilies({
					workloads: engine.workloads(),
					histogramBoundsNs: engine.histogramBoundsNs,
					counters: engine.counters,
					losses: losses(),
					sampler: sampler && {
						degraded: sampler.state.isDegraded(sampler.nowNs()),
						degradations: sampler.state.degradations,
					},
					kvCacheAgesMs: allocations?.agesMs,
				}),
			onError: (error) => process.stderr.write(`ingero: the Prometheus page: ${String(error)}\n`),
		});
		return new PrometheusOutput(server);
	}

	private constructor(server: PrometheusServer) {
		this.#server = server;
	}

	get url(): string {
		return this.#server.url;
	}

	close(): Promise<void> {
		return this.#server.close();
	}
}

import type { InferenceEngine } from '@ingero/infer-baseline';
import { inferenceFamilies, PrometheusServer, parseListenAddress, renderPrometheus } from '@ingero/otlp';
import type { LossLedger } from '@ingero/steps';
import type { SessionOutput } from './session-output';

/** Serves what the engine knows, at the moment it is asked. */
export class PrometheusOutput implements SessionOutput {
	readonly #server: PrometheusServer;

	/** @throws an error that names the address when it is malformed or taken */
	static async listen(
		address: string,
		session: { readonly engine: InferenceEngine; readonly losses: () => LossLedger },
	): Promise<PrometheusOutput> {
		const server = await PrometheusServer.listen({
			...parseListenAddress(address),
			collect: () =>
				renderPrometheus(
					inferenceFamilies({
						workloads: session.engine.workloads(),
						counters: session.engine.counters,
						losses: session.losses(),
					}),
				),
		});
		return new PrometheusOutput(server);
	}

	private constructor(server: PrometheusServer) {
		this.#server = server;
	}

	close(): Promise<void> {
		return this.#server.close();
	}
}

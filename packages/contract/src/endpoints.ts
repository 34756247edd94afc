/** Where the agent's page of metrics is served. */
export const prometheusPath = '/metrics';

/** TCP ports taken when none is given. */
export const defaultPorts = {
	/** OTLP over HTTP, at the receiver. */
	otlpHttp: 4318,
	/** Page of the reference consumer of the remediation socket. */
	sink: 9464,
	/** Web page of the dashboard. */
	dashboard: 8080,
} as const;

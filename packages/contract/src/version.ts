/** Version of this contract. It travels with the telemetry as part of the instrumentation scope. */
export const CONTRACT_VERSION = '0.16.0-ts.1';

/** Version of the OpenTelemetry semantic conventions that the standard names are taken from. */
export const SEMCONV_VERSION = '1.45.0';

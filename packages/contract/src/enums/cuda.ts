// Values of traced operations.

/** Layer that a traced operation belongs to. */
export const sources = ['cuda', 'host', 'driver', 'io', 'tcp', 'net', 'cuda_graph'] as const;
export type Source = (typeof sources)[number];

/**
 * Direction of a copy. `default` is cudaMemcpyDefault, where the driver finds out; `unknown` are the calls that do not
 * tell, the 2D copies among them.
 */
export const memcpyDirections = ['h2h', 'h2d', 'd2h', 'd2d', 'default', 'unknown'] as const;
export type MemcpyDirection = (typeof memcpyDirections)[number];

/** Direction by cudaMemcpyKind; 5 is ours, for calls without one. */
export const memcpyKindCodes = { 0: 'h2h', 1: 'h2d', 2: 'd2h', 3: 'd2d', 4: 'default', 5: 'unknown' } as const;

/** How a stream is captured into a graph, by CUstreamCaptureMode. */
export const cudaGraphCaptureModes = { 0: 'global', 1: 'thread_local', 2: 'relaxed' } as const;
export type CudaGraphCaptureMode = (typeof cudaGraphCaptureModes)[keyof typeof cudaGraphCaptureModes];

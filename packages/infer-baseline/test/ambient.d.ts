declare module '*?raw' {
	const text: string;
	export default text;
}

declare const process: { memoryUsage(): { readonly arrayBuffers: number; readonly heapUsed: number } };
declare const console: { log(...data: unknown[]): void };

declare module 'node:inspector/promises' {
	interface ProfileNode {
		readonly selfSize: number;
		readonly callFrame: { readonly functionName: string };
		readonly children: readonly ProfileNode[];
	}
	export class Session {
		connect(): void;
		disconnect(): void;
		post(method: 'HeapProfiler.startSampling', parameters: object): Promise<void>;
		post(method: 'HeapProfiler.stopSampling'): Promise<{ readonly profile: { readonly head: ProfileNode } }>;
	}
}

declare module 'node:v8' {
	export function setFlagsFromString(flags: string): void;
}

declare module 'node:vm' {
	export function runInNewContext(code: string): unknown;
}

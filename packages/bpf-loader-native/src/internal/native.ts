/** What the addon must release, by close() or otherwise. */
export type ResourceKind = 'object' | 'link' | 'ring' | 'heartbeat';

/** A native resource; only the addon can look inside. */
export type Handle<Kind extends ResourceKind> = { readonly __kind: Kind };

export interface ProgramDescription {
	readonly name: string;
	readonly section: string;
	readonly instructionCount: number;
	readonly enabled: boolean;
}

export interface MapDescription {
	readonly name: string;
	readonly type: string;
	readonly keySize: number;
	readonly valueSize: number;
	readonly maxEntries: number;
	/** Values kept for one key: the number of possible processors in a per-CPU map, else 1. */
	readonly copies: number;
	readonly perCpu: boolean;
	/** Made by libbpf for global variables. */
	readonly internal: boolean;
	readonly enabled: boolean;
}

export interface ProgramStatistics {
	/** Runs while statistics were on, see `enableRunStatistics`. */
	readonly runCount: number;
	/** Nanoseconds spent in those runs, on all processors together. */
	readonly runTimeNs: number;
	/** Runs the kernel skipped because the program was already running on that processor. */
	readonly recursionMisses: number;
	/** Instructions the verifier walked through (kernel 5.16; 0 before). */
	readonly verifiedInstructions: number;
}

export interface RingState {
	readonly records: number;
	readonly bytes: number;
	readonly discarded: number;
	readonly batches: number;
	readonly pendingBytes: number;
}

/** Makes the error that the addon throws: code, what was attempted, errno (0 for none), what libbpf printed. */
export type ErrorFactory = (code: string, operation: string, errno: number, diagnostics: string) => Error;

/** The functions of the addon as C defines them (src/native/module.c). Programs and maps are (object, index) pairs. */
export interface Native {
	setErrorFactory(factory: ErrorFactory): void;
	close(handle: Handle<ResourceKind>): void;
	linksClose(handles: readonly Handle<'link'>[]): void;
	version(): string;
	fileLock(descriptor: number): boolean;

	objectOpen(bytes: Uint8Array, name: string): Handle<'object'>;
	objectDescribe(object: Handle<'object'>): { programs: ProgramDescription[]; maps: MapDescription[] };
	objectBtf(object: Handle<'object'>): Uint8Array | undefined;
	objectLoad(object: Handle<'object'>): void;

	programDisable(object: Handle<'object'>, program: number): void;
	programSetAttachType(object: Handle<'object'>, program: number, attachType: number): void;
	programAttachUprobe(
		object: Handle<'object'>,
		program: number,
		path: string,
		symbol: string,
		offset: number,
		cookie: BigUint64Array,
		pid: number,
		atReturn: boolean,
	): Handle<'link'>;
	programAttachUprobeMulti(
		object: Handle<'object'>,
		program: number,
		path: string,
		offsets: BigUint64Array,
		cookies: BigUint64Array,
		attachType: number,
		flags: number,
		pid: number,
	): Handle<'link'>;
	programAttachTracepoint(object: Handle<'object'>, program: number, category: string, name: string): Handle<'link'>;
	programAttachTrace(object: Handle<'object'>, program: number, operation: string): Handle<'link'>;
	programAttachKprobe(
		object: Handle<'object'>,
		program: number,
		symbol: string,
		offset: number,
		cookie: BigUint64Array,
		atReturn: boolean,
	): Handle<'link'>;
	programStatistics(object: Handle<'object'>, program: number): ProgramStatistics;

	mapDisable(object: Handle<'object'>, map: number): void;
	mapSetMaxEntries(object: Handle<'object'>, map: number, count: number): void;
	mapInitialValue(object: Handle<'object'>, map: number): Uint8Array | undefined;
	mapSetInitialValue(object: Handle<'object'>, map: number, value: Uint8Array): void;
	mapGet(object: Handle<'object'>, map: number, key: Uint8Array): Uint8Array | undefined;
	mapSet(object: Handle<'object'>, map: number, key: Uint8Array, value: Uint8Array, flags: number): boolean;
	mapDelete(object: Handle<'object'>, map: number, key: Uint8Array): boolean;
	mapSnapshot(object: Handle<'object'>, map: number): { keys: Uint8Array; values: Uint8Array };

	heartbeatStart(object: Handle<'object'>, map: number, key: Uint8Array, intervalMs: number): Handle<'heartbeat'>;
	heartbeatCount(heartbeat: Handle<'heartbeat'>): number;

	ringOpen(object: Handle<'object'>, map: number): Handle<'ring'>;
	ringDrain(ring: Handle<'ring'>, target: ArrayBuffer | Uint8Array): number;
	ringState(ring: Handle<'ring'>): RingState;

	statisticsEnable(): Handle<'link'>;
	featureProbe(name: string): number;
}

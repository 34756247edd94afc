import { BpfError } from '../error';
import type { BpfHeartbeat } from '../heartbeat';
import type { BpfLink } from '../link';
import type { BpfRing } from '../ring';
import type { Handle, MapDescription, Native, ProgramDescription } from './native';

export type UprobeAttachType = 'uprobe.multi' | 'uprobe.session';

/**
 * What an object, its programs, maps, links, heartbeats and rings share. They all refer to it, and it to the links,
 * heartbeats and rings, so that all of them are garbage together or not at all.
 */
export class ObjectState {
	readonly links: Set<BpfLink> = new Set();
	readonly heartbeats: Set<BpfHeartbeat> = new Set();
	readonly rings: Map<number, { readonly handle: Handle<'ring'>; readonly reader: BpfRing }> = new Map();
	readonly attachTypes: Map<number, UprobeAttachType> = new Map();
	phase: 'open' | 'loaded' | 'failed' | 'closed' = 'open';
	programs: readonly ProgramDescription[] = [];
	maps: readonly MapDescription[] = [];

	constructor(
		readonly name: string,
		readonly native: Native,
		readonly handle: Handle<'object'>,
	) {
		this.describe();
	}

	/** Reads names and sizes again: options and loading change them. */
	describe(): void {
		const { programs, maps } = this.native.objectDescribe(this.handle);
		this.programs = programs;
		this.maps = maps.map((map) => (map.internal ? { ...map, name: sectionName(map.name) } : map));
	}

	/** The object, for a call that needs `operation` on something in it which load() created. */
	require(operation: string, part: { readonly name: string; readonly enabled: boolean }): Handle<'object'> {
		if (this.phase === 'loaded' && part.enabled) return this.handle;
		if (this.phase === 'closed') throw this.closed(operation);
		throw new BpfError({
			code: 'INGERO_BPF_NOT_LOADED',
			operation,
			message: `"${part.name}" of object "${this.name}" ${part.enabled ? 'is not loaded' : 'was disabled at open'}`,
			hint: part.enabled ? 'call load() first, and only once' : undefined,
		});
	}

	closed(operation: string): BpfError {
		return new BpfError({
			code: 'INGERO_BPF_CLOSED',
			operation,
			message: `object "${this.name}" is closed`,
		});
	}
}

/** libbpf puts the object's name before the section of global variables: `name.rodata`. */
function sectionName(name: string): string {
	return name.slice(name.indexOf('.'));
}

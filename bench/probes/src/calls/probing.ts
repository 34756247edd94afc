import { BpfObject } from '@ingero/bpf-loader-native';
import { ProbeSession, type ProbeSessionOptions, planSites, probedFunctions } from '@ingero/probes';
import { LIBRARY, nativePart } from '../native-parts';

/** A way to probe the target, put in force by {@link attach} until what that returns is called. */
export interface Probing {
	readonly name: string;
	attach(): Promise<() => Promise<void>>;
}

export const BARE: Probing = { name: 'bare', attach: async () => async () => {} };

/** An empty program where the agent's entry probes go, and optionally another where its return probes go. */
export function emptyProbes(name: string, options: { readonly atReturn: boolean }): Probing {
	return {
		name,
		attach: async () => {
			const object = floorObject();
			const offsets = planSites(LIBRARY, probedFunctions()).sites.map(({ fileOffset }) => fileOffset);
			if (options.atReturn) {
				object.program('floor_return').attachUprobeMulti({ path: LIBRARY, offsets, return: true });
			}
			object.program('floor_entry').attachUprobeMulti({ path: LIBRARY, offsets });
			return async () => object.close();
		},
	};
}

/** The agent's own probes, as a session of it attaches them. */
export function agentProbes(name: string, options: ProbeSessionOptions): Probing {
	return {
		name,
		attach: async () => {
			const session = new ProbeSession({ ...options, libraries: [LIBRARY] });
			const ended = session.run({ opened: () => {}, completed: () => {}, events: () => {}, processExited: () => {} });
			if (session.libraries.length === 0) {
				session.close();
				await ended;
				throw new Error(`no probe could be attached to ${LIBRARY}`);
			}
			return async () => {
				session.close();
				await ended;
			};
		},
	};
}

/** The object of the floor and the pieces, loaded. */
export function floorObject(): BpfObject {
	const path = nativePart('floor.bpf.o');
	const opened = BpfObject.open(path);
	const names = opened.programs.map((program) => program.name);
	opened.close();
	const object = BpfObject.open(path, {
		attachTypes: Object.fromEntries(names.map((name) => [name, 'uprobe.multi' as const])),
	});
	object.load();
	return object;
}

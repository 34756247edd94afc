import { BpfError } from '../error';
import type { BpfObjectOptions } from '../object';
import { ATTACH_TYPES } from '../program';
import { Btf } from './btf';
import { checkInteger, misuse } from './check';
import type { ObjectState, UprobeAttachType } from './object-state';
import { sectionVariables, type VariableValue, writeVariable } from './variables';

/** Applies the options of an object that is open and not loaded yet. */
export function configure(state: ObjectState, options: BpfObjectOptions): void {
	for (const name of options.disable ?? []) disable(state, name);
	for (const [name, count] of Object.entries(options.maxEntries ?? {})) {
		checkInteger(`maxEntries.${name}`, count, 1, 2 ** 32 - 1);
		state.native.mapSetMaxEntries(state.handle, indexOf(state, 'maps', name), count);
	}
	for (const [name, type] of Object.entries(options.attachTypes ?? {})) setAttachType(state, name, type);
	if (options.readOnlyData) setReadOnlyData(state, options.readOnlyData);
	state.describe();
}

function disable(state: ObjectState, name: string): void {
	if (state.programs.some((program) => program.name === name)) {
		state.native.programDisable(state.handle, indexOf(state, 'programs', name));
	} else {
		state.native.mapDisable(state.handle, indexOf(state, 'maps', name));
	}
}

function setAttachType(state: ObjectState, name: string, type: UprobeAttachType): void {
	const value = ATTACH_TYPES[type];
	if (value === undefined) throw misuse(`attachTypes.${name}`, "'uprobe.multi' or 'uprobe.session'", type);
	const index = indexOf(state, 'programs', name);
	state.native.programSetAttachType(state.handle, index, value);
	state.attachTypes.set(index, type);
}

const READ_ONLY_SECTION = '.rodata';

function setReadOnlyData(state: ObjectState, values: Readonly<Record<string, VariableValue>>): void {
	const btf = readBtf(state);
	const variables = sectionVariables(btf, READ_ONLY_SECTION);
	const map = state.maps.findIndex(({ name }) => name === READ_ONLY_SECTION);
	const section = map < 0 ? undefined : state.native.mapInitialValue(state.handle, map);
	for (const [name, value] of Object.entries(values)) {
		const variable = variables.get(name);
		if (variable === undefined || section === undefined) {
			throw notFound(state, 'set read-only data', `scalar "const volatile" variable "${name}"`, [...variables.keys()]);
		}
		writeVariable(section, name, variable, value);
	}
	if (section !== undefined) state.native.mapSetInitialValue(state.handle, map, section);
}

/** The object's type information. */
export function readBtf(state: ObjectState): Btf {
	const bytes = state.native.objectBtf(state.handle);
	if (bytes === undefined) {
		throw new BpfError({
			code: 'INGERO_BPF_NOT_FOUND',
			operation: 'read type information',
			message: `object "${state.name}" has none`,
			hint: 'compile it with -g',
		});
	}
	return new Btf(bytes);
}

/** The index of a program or map. */
export function indexOf(state: ObjectState, kind: 'programs' | 'maps', name: string): number {
	const names = state[kind].map((part) => part.name);
	const index = names.indexOf(name);
	if (index < 0) throw notFound(state, `find in ${kind}`, `"${name}"`, names);
	return index;
}

export function notFound(state: ObjectState, operation: string, what: string, names: readonly string[]): BpfError {
	return new BpfError({
		code: 'INGERO_BPF_NOT_FOUND',
		operation,
		message: `object "${state.name}" has no ${what}; it has ${names.join(', ') || 'none'}`,
	});
}

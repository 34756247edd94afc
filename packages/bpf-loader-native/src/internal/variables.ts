import { type Btf, type BtfType, KIND } from './btf';
import { misuse } from './check';

/** Value of a load-time constant: the C variable's type decides how it is stored. */
export type VariableValue = number | bigint | boolean;

/** A global variable's place in its section. */
export interface Variable {
	readonly offset: number;
	readonly size: number;
	readonly signed: boolean;
}

/** Flags of an integer type's description. */
const INT_SIGNED = 1;

/** The scalar global variables of a section such as `.rodata`, by name. */
export function sectionVariables(btf: Btf, section: string): ReadonlyMap<string, Variable> {
	const variables = new Map<string, Variable>();
	const data = btf.find(section, KIND.dataSection);
	for (let i = 0; i < (data?.count ?? 0); i++) {
		const at = (data as BtfType).detail + i * 12;
		const variable = btf.type(btf.u32(at));
		const type = btf.resolve(variable.sizeOrType);
		if (type.kind !== KIND.int && type.kind !== KIND.enum && type.kind !== KIND.enum64) continue;
		const signed = type.kind === KIND.int ? ((btf.u32(type.detail) >>> 24) & INT_SIGNED) !== 0 : type.kindFlag;
		variables.set(variable.name, { offset: btf.u32(at + 4), size: btf.u32(at + 8), signed });
	}
	return variables;
}

/** Writes a value where the variable lies, little endian. TypeError when it isn't an integer that fits. */
export function writeVariable(section: Uint8Array, name: string, variable: Variable, value: VariableValue): void {
	const bits = BigInt(variable.size * 8);
	const [min, max] = variable.signed ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
	const integer = typeof value === 'bigint' || typeof value === 'boolean' || Number.isSafeInteger(value);
	const stored = integer ? BigInt(value) : undefined;
	if (stored === undefined || stored < min || stored > max) {
		throw misuse(`readOnlyData.${name}`, `an integer from ${min} to ${max}`, value);
	}
	for (let i = 0; i < variable.size; i++) {
		section[variable.offset + i] = Number((stored >> BigInt(8 * i)) & 0xffn);
	}
}

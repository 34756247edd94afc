import { type Btf, type BtfType, KIND } from './btf';

export interface StructField {
	readonly name: string;
	/** Bytes from the start of the struct. */
	readonly offset: number;
	/** Bytes, of all elements of an array together. */
	readonly size: number;
	/** Elements of an array, of all dimensions together; 1 otherwise. */
	readonly elements: number;
	/** The C type, of one element of an array: `__u64`, `struct header`, `char *`. */
	readonly type: string;
}

export interface StructLayout {
	/** Bytes, trailing padding included. */
	readonly size: number;
	/** In the order of declaration. Members of anonymous structs and unions are listed as the outer struct's own. */
	readonly fields: readonly StructField[];
}

/** Where the compiler put the fields of a struct or union, or of a typedef of one; `undefined` if there is none. */
export function structLayout(btf: Btf, name: string): StructLayout | undefined {
	const named = btf.find(name, KIND.struct, KIND.union) ?? btf.find(name, KIND.typedef);
	const type = named?.kind === KIND.typedef ? btf.resolve(named.sizeOrType) : named;
	if (type === undefined || !isAggregate(type)) return undefined;
	return { size: type.sizeOrType, fields: fieldsOf(btf, type, 0) };
}

function fieldsOf(btf: Btf, type: BtfType, base: number): StructField[] {
	return btf.members(type).flatMap((member) => {
		const bits = type.kindFlag ? member.offset & 0xffffff : member.offset;
		if (type.kindFlag && member.offset >>> 24 !== 0) {
			throw new RangeError(`${type.name}.${member.name} is a bit-field, which has no offset in bytes`);
		}
		const offset = base + bits / 8;
		const inner = btf.resolve(member.type);
		if (member.name === '' && isAggregate(inner)) return fieldsOf(btf, inner, offset);
		return {
			name: member.name,
			offset,
			size: btf.size(member.type),
			elements: btf.elements(member.type),
			type: btf.typeName(member.type),
		};
	});
}

function isAggregate(type: BtfType): boolean {
	return type.kind === KIND.struct || type.kind === KIND.union;
}

/** Kinds of BTF types (include/uapi/linux/btf.h, Documentation/bpf/btf.rst). */
export const KIND = {
	int: 1,
	pointer: 2,
	array: 3,
	struct: 4,
	union: 5,
	enum: 6,
	forward: 7,
	typedef: 8,
	volatile: 9,
	const: 10,
	restrict: 11,
	function: 12,
	functionPrototype: 13,
	variable: 14,
	dataSection: 15,
	float: 16,
	declarationTag: 17,
	typeTag: 18,
	enum64: 19,
} as const;

/** One type record. What `sizeOrType` means depends on the kind; `detail` is the offset of what follows the record. */
export interface BtfType {
	readonly name: string;
	readonly kind: number;
	/** Number of members, values, parameters or variables. */
	readonly count: number;
	/** For structs: members carry a bit-field size. For enums: values are signed. */
	readonly kindFlag: boolean;
	readonly sizeOrType: number;
	readonly detail: number;
}

const MAGIC = 0xeb9f;
const RECORD_BYTES = 12;
const POINTER_BYTES = 8;

/** Reader of the little-endian type information inside an eBPF object. Type 0 is `void`. */
export class Btf {
	readonly #view: DataView;
	readonly #strings: Uint8Array;
	readonly #types: BtfType[] = [{ name: 'void', kind: 0, count: 0, kindFlag: false, sizeOrType: 0, detail: 0 }];

	constructor(bytes: Uint8Array) {
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		if (this.#view.byteLength < 24 || this.#view.getUint16(0, true) !== MAGIC) {
			throw new RangeError('not little-endian BTF');
		}
		const header = this.u32(4);
		const types = header + this.u32(8);
		const end = types + this.u32(12);
		this.#strings = bytes.subarray(header + this.u32(16), header + this.u32(16) + this.u32(20));
		for (let at = types; at < end; ) {
			const info = this.u32(at + 4);
			const type: BtfType = {
				name: this.#string(this.u32(at)),
				kind: (info >>> 24) & 0x1f,
				count: info & 0xffff,
				kindFlag: info >>> 31 === 1,
				sizeOrType: this.u32(at + 8),
				detail: at + RECORD_BYTES,
			};
			this.#types.push(type);
			at = type.detail + detailBytes(type);
		}
	}

	u32(at: number): number {
		return this.#view.getUint32(at, true);
	}

	/** Members of a struct or union; offsets in bits, with the size of a bit-field above bit 24 if `kindFlag` is set. */
	members(type: BtfType): { name: string; type: number; offset: number }[] {
		return Array.from({ length: type.count }, (_, i) => {
			const at = type.detail + i * 12;
			return { name: this.#string(this.u32(at)), type: this.u32(at + 4), offset: this.u32(at + 8) };
		});
	}

	type(id: number): BtfType {
		const type = this.#types[id];
		if (type === undefined) throw new RangeError(`BTF has no type ${id}`);
		return type;
	}

	find(name: string, ...kinds: readonly number[]): BtfType | undefined {
		return this.#types.find((type) => type.name === name && kinds.includes(type.kind));
	}

	/** The type below typedefs and qualifiers. */
	resolve(id: number): BtfType {
		let type = this.type(id);
		while (TRANSPARENT.has(type.kind)) type = this.type(type.sizeOrType);
		return type;
	}

	/** The type as C spells it, without qualifiers: `__u64`, `struct event`, `char *`. */
	typeName(id: number): string {
		const type = this.type(id);
		switch (type.kind) {
			case KIND.pointer:
				return `${this.typeName(type.sizeOrType)} *`;
			case KIND.struct:
				return `struct ${type.name}`.trim();
			case KIND.union:
				return `union ${type.name}`.trim();
			case KIND.enum:
			case KIND.enum64:
				return `enum ${type.name}`.trim();
			case KIND.array:
				return this.typeName(this.u32(type.detail));
			case KIND.functionPrototype:
				return 'function';
			case KIND.volatile:
			case KIND.const:
			case KIND.restrict:
			case KIND.typeTag:
				return this.typeName(type.sizeOrType);
			default:
				return type.name;
		}
	}

	/** Bytes of a value of the type. */
	size(id: number): number {
		const type = this.resolve(id);
		if (type.kind === KIND.pointer) return POINTER_BYTES;
		if (type.kind === KIND.array) return this.size(this.u32(type.detail)) * this.u32(type.detail + 8);
		return SIZED.has(type.kind) ? type.sizeOrType : 0;
	}

	/** Elements of an array in all dimensions together; 1 for anything else. */
	elements(id: number): number {
		const type = this.resolve(id);
		return type.kind === KIND.array ? this.u32(type.detail + 8) * this.elements(this.u32(type.detail)) : 1;
	}

	#string(offset: number): string {
		const end = this.#strings.indexOf(0, offset);
		return new TextDecoder().decode(this.#strings.subarray(offset, end < 0 ? undefined : end));
	}
}

const TRANSPARENT: ReadonlySet<number> = new Set([
	KIND.typedef,
	KIND.volatile,
	KIND.const,
	KIND.restrict,
	KIND.typeTag,
]);
const SIZED: ReadonlySet<number> = new Set([
	KIND.int,
	KIND.struct,
	KIND.union,
	KIND.enum,
	KIND.float,
	KIND.dataSection,
	KIND.enum64,
]);

/** Bytes that follow a type record. */
function detailBytes({ kind, count }: BtfType): number {
	switch (kind) {
		case KIND.int:
		case KIND.variable:
		case KIND.declarationTag:
			return 4;
		case KIND.array:
			return 12;
		case KIND.struct:
		case KIND.union:
		case KIND.dataSection:
		case KIND.enum64:
			return 12 * count;
		case KIND.enum:
		case KIND.functionPrototype:
			return 8 * count;
		default:
			return 0;
	}
}

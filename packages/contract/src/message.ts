import type * as enums from './enums';

/**
 * A 64-bit integer, on the wire a bare JSON integer with every digit. A `number` is one where it is a safe integer;
 * beyond 2^53 it must be a `bigint`, and a reader that parses JSON into doubles gets the nearest one.
 */
export type Int64 = number | bigint;

/** One field of a message. */
export interface MessageField {
	readonly type:
		| 'string'
		| 'bool'
		| 'int'
		| 'uint32'
		/** 64-bit integers: see {@link Int64}. */
		| 'int64'
		| 'uint64'
		| 'double'
		/** An unsigned 64-bit integer as a string of decimal digits. */
		| 'decimal'
		/** 8-4-4-4-12 lower-case hexadecimal digits. */
		| 'uuid'
		/** RFC 3339 in UTC with up to nine digits of a second and no trailing zeros. */
		| 'rfc3339nano'
		| 'string[]'
		| 'uint32[]'
		| 'uint64[]'
		| 'decimal[]'
		| 'map<string>'
		| 'map<int64>'
		/** The fields are in `fields`. */
		| 'object';
	/** An optional field is left out when it is empty, 0 or not known. */
	readonly required: boolean;
	/** A required field that is null when its value is not known yet. */
	readonly nullable?: true;
	/** Table of the values of a string, or of the keys of a map, which then has every one of them. */
	readonly enum?: keyof typeof enums;
	readonly fields?: Readonly<Record<string, MessageField>>;
	/** Version that introduced the field; as old as the message where absent. */
	readonly since?: string;
}

/** The shape of one message: a JSON object on a line of its own. */
export interface Message {
	/** Value of the field `type`, which every message begins with; null for the one kind that has no such field. */
	readonly type: string | null;
	/**
	 * Where it travels: from the agent to clients of the remediation socket, on standard output in JSON mode, or from
	 * clients to the agent through the annotation socket.
	 */
	readonly channels: readonly ('remediation' | 'stdout' | 'annotation')[];
	/** A stable message never loses or renames a required field. Readers skip types and fields they do not know. */
	readonly stability: 'stable' | 'experimental';
	readonly since: string;
	/** In the order in which they are written, `type` apart. */
	readonly fields: Readonly<Record<string, MessageField>>;
}

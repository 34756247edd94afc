import { type BpfError, type BpfLink, type BpfProgram, isBpfError } from '@ingero/bpf-loader-native';

/** One place in a file. */
export interface AttachPlace {
	/** Bytes from the start of the file. */
	readonly fileOffset: number;
	readonly cookie: bigint;
}

export interface AttachOptions {
	/** One link for all places (kernel 6.6), else one perf event each. */
	readonly multi: boolean;
	readonly pid?: number | undefined;
	readonly return: boolean;
}

export interface AttachedPlaces<Place> {
	readonly links: readonly BpfLink[];
	/** Places that the kernel would not take, and what it said. */
	readonly refused: ReadonlyMap<Place, BpfError>;
}

/** What the kernel says of an instruction (arch_uprobe_analyze_insn) or of a page that it cannot probe. */
const REFUSALS: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUPP', 'EOPNOTSUPP', 'ENOEXEC', 'EIO', 'EFAULT']);

/**
 * Attaches a program to places of a file; one that the kernel refuses is left out and does not keep it from the others.
 *
 * @throws BpfError when it refuses for a reason that is not the place's
 */
export function attachPlaces<Place extends AttachPlace>(
	program: BpfProgram,
	path: string,
	places: readonly Place[],
	options: AttachOptions,
): AttachedPlaces<Place> {
	if (places.length === 0) return { links: [], refused: new Map() };
	const attach = options.multi ? attachMulti : attachSingly;
	const links: BpfLink[] = [];
	const refused = new Map<Place, BpfError>();
	try {
		attach(program, path, places, options, links);
	} catch (error) {
		for (const link of links.splice(0)) link.detach();
		findRefused(program, path, places, { options, attach, error, refused });
		const rest = places.filter((place) => !refused.has(place));
		if (rest.length > 0) attach(program, path, rest, options, links);
	}
	return { links, refused };
}

type Attach = typeof attachMulti;

/** Halves the places until each that is refused stands alone: few tries where few are. */
function findRefused<Place extends AttachPlace>(
	program: BpfProgram,
	path: string,
	places: readonly Place[],
	found: {
		readonly options: AttachOptions;
		readonly attach: Attach;
		/** Why these cannot be attached together. */
		readonly error: unknown;
		readonly refused: Map<Place, BpfError>;
	},
): void {
	const { error } = found;
	if (!isBpfError(error) || !REFUSALS.has(error.errnoName ?? '')) throw error;
	const [only, second] = places;
	if (only !== undefined && second === undefined) {
		found.refused.set(only, error);
		return;
	}
	const middle = places.length >> 1;
	for (const half of [places.slice(0, middle), places.slice(middle)]) {
		const links: BpfLink[] = [];
		try {
			found.attach(program, path, half, found.options, links);
		} catch (halfError) {
			findRefused(program, path, half, { ...found, error: halfError });
		} finally {
			for (const link of links) link.detach();
		}
	}
}

/** Adds to `links` what it attaches, so that its caller can detach it when a later one fails. */
function attachMulti(
	program: BpfProgram,
	path: string,
	places: readonly AttachPlace[],
	options: AttachOptions,
	links: BpfLink[],
): void {
	const offsets = places.map(({ fileOffset }) => fileOffset);
	const cookies = places.map(({ cookie }) => cookie);
	links.push(program.attachUprobeMulti({ path, offsets, cookies, return: options.return, ...pidOf(options) }));
}

function attachSingly(
	program: BpfProgram,
	path: string,
	places: readonly AttachPlace[],
	options: AttachOptions,
	links: BpfLink[],
): void {
	for (const { fileOffset, cookie } of places) {
		links.push(program.attachUprobe({ path, offset: fileOffset, cookie, return: options.return, ...pidOf(options) }));
	}
}

function pidOf({ pid }: AttachOptions): { readonly pid?: number } {
	return pid === undefined ? {} : { pid };
}

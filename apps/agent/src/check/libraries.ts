import {
	type FunctionFamily,
	installedDriverLibraries,
	LibraryDiscovery,
	type LibraryMapper,
	planSites,
	probedFunctions,
	reachableFile,
	type SitePolicy,
	type SymbolReport,
} from '@ingero/probes';
import { messageOf } from '../errors';

const FAMILIES: readonly FunctionFamily[] = ['driver', 'runtime', 'nccl'];

/** After so many scans in a row without news, all has been seen. */
const QUIET_SCANS = 3;

/** A CUDA library of this machine, and where the probes in it would go. */
export interface LibraryReport {
	readonly path: string;
	readonly families: readonly FunctionFamily[];
	/** A process that has it mapped; absent of one that is only installed. */
	readonly pid?: number;
	readonly symbols: readonly SymbolReport[];
	/** Why it cannot be probed at all. */
	readonly problem?: string;
}

/** Looks at the CUDA libraries in use, and at installed drivers that nobody uses yet. */
export function libraryReports(policy: SitePolicy): LibraryReport[] {
	const appeared = librariesInUse();
	const used = appeared.map((library) =>
		reportOf({ path: library.path, families: library.families, pid: library.pid }, policy, () =>
			reachableFile(library.pid, library),
		),
	);
	const usedPaths = new Set(appeared.map(({ path }) => path));
	const installed = installedDriverLibraries().filter((path) => !usedPaths.has(path));
	return [...used, ...installed.map((path) => reportOf({ path, families: ['driver'] }, policy, () => path))];
}

/** A scan of a busy machine may stop halfway and leave the rest to the next. */
function librariesInUse(): LibraryMapper[] {
	const discovery = new LibraryDiscovery({ families: FAMILIES });
	const found: LibraryMapper[] = [];
	for (let quietScans = 0; quietScans < QUIET_SCANS; quietScans++) {
		const { appeared } = discovery.scan();
		if (appeared.length > 0) quietScans = 0;
		found.push(...appeared);
	}
	return found;
}

function reportOf(
	library: Pick<LibraryReport, 'path' | 'families' | 'pid'>,
	policy: SitePolicy,
	reach: () => string,
): LibraryReport {
	const functions = probedFunctions({ memory: true, runtime: true, nccl: true });
	const own = functions.filter(({ family }) => library.families.includes(family));
	try {
		return { ...library, symbols: planSites(reach(), own, policy).symbols };
	} catch (error) {
		return { ...library, symbols: [], problem: messageOf(error) };
	}
}

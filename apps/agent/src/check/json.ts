import type { SymbolReport } from '@ingero/probes';
import type { CheckReport } from './run-checks';

/** The report as one JSON object. */
export function reportJson({ checks, libraries, losses }: CheckReport, allPassed: boolean): object {
	return {
		all_passed: allPassed,
		checks,
		libraries: libraries.map(({ path, families, pid, symbols, problem }) => ({
			path,
			families,
			pid: pid ?? null,
			problem: problem ?? null,
			symbols: symbols.map(symbolJson),
		})),
		losses,
	};
}

function symbolJson({ symbol, exported, site, returns, sameAs, refused }: SymbolReport): object {
	return {
		symbol,
		exported,
		probed: exported && site !== undefined && refused === undefined,
		returns,
		same_as: sameAs ?? null,
		refused: refused ?? null,
		site:
			site === undefined
				? null
				: {
						offset: site.offset,
						instruction: site.instruction,
						class: site.siteClass,
						stack_shift_bytes: site.stackShiftBytes,
					},
	};
}
